package io.github.blip2j.mcp;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.github.blip2j.Blip2;
import io.modelcontextprotocol.json.McpJsonMapper;
import io.modelcontextprotocol.json.jackson2.JacksonMcpJsonMapper;
import io.modelcontextprotocol.json.schema.jackson2.DefaultJsonSchemaValidator;
import io.modelcontextprotocol.server.McpServer;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.server.McpSyncServer;
import io.modelcontextprotocol.server.transport.StdioServerTransportProvider;
import io.modelcontextprotocol.spec.McpSchema;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Models as tools of the Model Context Protocol over two streams, as a program that an assistant
 * starts has them. Calls are answered one after the other.
 *
 * <p>Tools look at images in the allowed folders, whatever links lead to them, and at those that
 * come in {@code data:} URIs. They write nothing and fetch nothing.
 */
public final class McpService {
  private static final int LONGEST_LINE = 64 << 20; // bytes; 48 MiB of image in base64
  private static final Duration LAST_ANSWERS = Duration.ofSeconds(30);
  private static final Duration SEARCH = Duration.ofSeconds(20); // hosts wait a minute or less

  private static final String INSTRUCTIONS =
      "Looks at images with BLIP-2, on this machine. Captions and answers are short, of a few"
          + " words; ask one thing at a time. Use search_images to find images by what they show.";

  private McpService() {}

  /**
   * Serves until the client closes its end: what it had asked for until then is answered.
   *
   * @param options models, which must stay open, and folders
   * @param in what the client says
   * @param out what it hears; nothing else may be written there
   * @throws InterruptedException if the thread is interrupted; the service has ended
   * @throws IllegalArgumentException if a folder is none
   * @throws io.github.blip2j.search.IndexException if the index cannot be opened
   */
  public static void serve(McpOptions options, InputStream in, OutputStream out)
      throws InterruptedException {
    CountDownLatch end = new CountDownLatch(1);
    AnswerLines answers = new AnswerLines(out, end::countDown);
    RequestLines requests =
        new RequestLines(in, answers, LONGEST_LINE, LAST_ANSWERS, end::countDown);
    try (Tools tools = tools(options)) {
      McpSyncServer server = server(tools.all(), requests, answers);
      try {
        end.await();
      } finally {
        server.close();
      }
    }
  }

  /** Tools, and what they keep open. */
  private record Tools(List<SyncToolSpecification> all, @Nullable Finder finder)
      implements AutoCloseable {
    @Override
    public void close() {
      if (finder != null) {
        finder.close();
      }
    }
  }

  private static Tools tools(McpOptions options) {
    AllowedImages images = new AllowedImages(options.folders());
    ToolList list = new ToolList(new ImageTools(images, options.newTokens()), options.newTokens());
    List<SyncToolSpecification> all = new ArrayList<>();
    if (options.writing() != null) {
      all.addAll(list.of(options.writing()));
    }
    Blip2 matching = options.matching();
    if (matching == null) {
      return new Tools(all, null);
    }
    Path index = options.index();
    Finder finder =
        index == null
            ? new FolderFinder(matching, images, SEARCH, System::nanoTime)
            : new IndexFinder(index, matching, images);
    all.addAll(list.of(matching, finder));
    return new Tools(all, finder);
  }

  /**
   * Starts to answer. Calls run in the thread that reads: others of the library's threads would
   * hand in their answers at the same time, which it refuses now and then, and one is lost.
   */
  private static McpSyncServer server(
      List<SyncToolSpecification> tools, InputStream requests, OutputStream answers) {
    McpJsonMapper mapper = new JacksonMcpJsonMapper(mapper());
    return McpServer.sync(new StdioServerTransportProvider(mapper, requests, answers, LONGEST_LINE))
        .jsonMapper(mapper)
        .jsonSchemaValidator(new DefaultJsonSchemaValidator())
        .serverInfo("blip2", "0.1.0")
        .instructions(INSTRUCTIONS)
        .capabilities(McpSchema.ServerCapabilities.builder().tools(false).build())
        .tools(tools)
        .immediateExecution(true)
        .build();
  }

  /** An image in an argument is a longer text than Jackson takes by itself. */
  private static JsonMapper mapper() {
    return JsonMapper.builder(
            JsonFactory.builder()
                .streamReadConstraints(
                    StreamReadConstraints.builder().maxStringLength(LONGEST_LINE).build())
                .build())
        .build();
  }
}
