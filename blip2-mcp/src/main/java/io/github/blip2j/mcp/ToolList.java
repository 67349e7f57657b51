package io.github.blip2j.mcp;

import static io.github.blip2j.mcp.Schemas.count;
import static io.github.blip2j.mcp.Schemas.image;
import static io.github.blip2j.mcp.Schemas.list;
import static io.github.blip2j.mcp.Schemas.number;
import static io.github.blip2j.mcp.Schemas.object;
import static io.github.blip2j.mcp.Schemas.real;
import static io.github.blip2j.mcp.Schemas.string;
import static io.github.blip2j.mcp.Schemas.text;
import static io.github.blip2j.mcp.Schemas.texts;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.search.IndexException;
import io.modelcontextprotocol.server.McpServerFeatures.SyncToolSpecification;
import io.modelcontextprotocol.spec.McpSchema.CallToolRequest;
import io.modelcontextprotocol.spec.McpSchema.CallToolResult;
import io.modelcontextprotocol.spec.McpSchema.Tool;
import io.modelcontextprotocol.spec.McpSchema.ToolAnnotations;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** The tools as the protocol describes and calls them. */
final class ToolList {
  private static final Map<String, Object> WRITTEN =
      object(Map.of("text", string(), "finish_reason", string()), List.of("text", "finish_reason"));

  private final ImageTools tools;
  private final Map<String, Object> tokens;

  ToolList(ImageTools tools, int newTokens) {
    this.tools = tools;
    tokens = number("Most tokens of the text (default: 30).", newTokens);
  }

  /** The tools of a model that writes. */
  List<SyncToolSpecification> of(Blip2 writing) {
    Tool caption =
        tool(
            "caption_image",
            "Caption an image",
            "Describes in a short sentence what an image shows, or goes on from a prompt.",
            object(
                Map.of(
                    "image",
                    image(),
                    "prompt",
                    text("How the caption begins, as \"a photo of\" (default: nothing)."),
                    "max_new_tokens",
                    tokens),
                List.of("image")),
            WRITTEN);
    Tool ask =
        tool(
            "ask_image",
            "Ask about an image",
            "Answers a short question about what an image shows, in a few words.",
            object(
                Map.of(
                    "image",
                    image(),
                    "question",
                    text("Such as \"how many dogs are there?\""),
                    "max_new_tokens",
                    tokens),
                List.of("image", "question")),
            WRITTEN);
    return List.of(
        specification(caption, call -> tools.caption(writing, call)),
        specification(ask, call -> tools.ask(writing, call)));
  }

  /** The tools of a model that matches. */
  List<SyncToolSpecification> of(Blip2 matching, Finder finder) {
    Tool match =
        tool(
            "match_image",
            "Match an image with texts",
            "Says how well each of some texts describes an image, as a probability from 0 to 1.",
            object(
                Map.of("image", image(), "texts", texts("The texts.", ImageTools.MOST_TEXTS)),
                List.of("image", "texts")),
            object(
                Map.of(
                    "matches",
                    list(
                        Map.of(
                            "text",
                            string(),
                            "itm_probability",
                            real(),
                            "itc_similarity",
                            real()))),
                List.of("matches")));
    return List.of(
        specification(match, call -> tools.match(matching, call)),
        specification(search(), call -> tools.search(finder, call)));
  }

  private static Tool search() {
    return tool(
        "search_images",
        "Search images",
        "Finds the images in the allowed folders that a text describes, the most similar first."
            + " The paths that it gives are for the other tools.",
        object(
            Map.of(
                "query",
                text("What the images show, such as \"a dog on a beach\"."),
                "limit",
                number("Most images (default: 5).", ImageTools.MOST_HITS)),
            List.of("query")),
        object(
            Map.of(
                "hits",
                list(Map.of("image", string(), "similarity", real())),
                "searched",
                count(),
                "left",
                count(),
                "unreadable",
                count()),
            List.of("hits", "searched", "left", "unreadable")));
  }

  private static Tool tool(
      String name,
      String title,
      String description,
      Map<String, Object> input,
      Map<String, Object> output) {
    return Tool.builder(name, input)
        .title(title)
        .description(description)
        .outputSchema(output)
        .annotations(
            ToolAnnotations.builder()
                .title(title)
                .readOnlyHint(true)
                .destructiveHint(false)
                .idempotentHint(true)
                .openWorldHint(false)
                .build())
        .build();
  }

  private static SyncToolSpecification specification(Tool tool, Function<Arguments, Result> work) {
    return SyncToolSpecification.builder()
        .tool(tool)
        .callHandler((exchange, request) -> answer(request, work))
        .build();
  }

  /** An error that the assistant can do something about is a result of the tool. */
  private static CallToolResult answer(CallToolRequest request, Function<Arguments, Result> work) {
    try {
      Map<String, Object> values = request.arguments() == null ? Map.of() : request.arguments();
      Result result = work.apply(new Arguments(values));
      return CallToolResult.builder()
          .addTextContent(result.text())
          .structuredContent(result.fields())
          .build();
    } catch (Blip2Exception | IndexException | IllegalArgumentException | UncheckedIOException e) {
      String message = String.valueOf(e.getMessage());
      return CallToolResult.builder().addTextContent(message).isError(true).build();
    }
  }
}
