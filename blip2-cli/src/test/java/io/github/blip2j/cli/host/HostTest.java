package io.github.blip2j.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.cli.EveryCommand;
import io.github.blip2j.cli.Main;
import io.github.blip2j.testkit.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the program leaves and asks for on its host, each backend alone and both: nothing of the
 * network, nothing in the temporary directory, nothing in the home but the cache folder, and there
 * no engine but the one that runs.
 */
class HostTest {
  @TempDir Path folder;

  /**
   * Java's own sockets are refused everywhere. Where the machine lets us, the process also has a
   * network without interfaces, and its system calls are read: what native code would connect to.
   */
  private static List<String> isolation(Path calls) throws InterruptedException {
    List<String> prefix = new ArrayList<>();
    if (ChildJvm.works("unshare", "-rn", "true")) {
      prefix.addAll(List.of("unshare", "-rn"));
    }
    String[] tracer = {"strace", "-f", "--seccomp-bpf", "-e", "trace=connect,sendto", "-o"};
    if (ChildJvm.works("strace", "-f", "--seccomp-bpf", "-o", "/dev/null", "true")) {
      prefix.addAll(List.of(tracer));
      prefix.add(calls.toString());
    }
    System.out.println("HostTest: isolated by refused sockets and " + prefix);
    return prefix;
  }

  /** Where Java knows these options, native code must be allowed and internal memory is denied. */
  private static Stream<String> strictness() {
    return Runtime.version().feature() < 24
        ? Stream.of()
        : Stream.of(
            "--enable-native-access=ALL-UNNAMED",
            "--illegal-native-access=deny",
            "--sun-misc-unsafe-memory-access=deny");
  }

  private static List<String> names(Path place) throws Exception {
    try (var files = Files.list(place)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** A Hub cache with one model, as a download leaves it. */
  private Path downloaded() throws Exception {
    Path cache = folder.resolve("hub");
    Path model = cache.resolve("models--owner--tiny");
    String commit = "0123456789".repeat(4);
    Path snapshot = Files.createDirectories(model.resolve("snapshots").resolve(commit));
    Files.createDirectories(model.resolve("refs"));
    Files.writeString(model.resolve("refs/main"), commit);
    Fixtures.copy("tiny-opt", Files.createDirectories(model.resolve("blobs")));
    for (String file : names(model.resolve("blobs"))) {
      Files.createSymbolicLink(snapshot.resolve(file), Path.of("../../blobs", file));
    }
    return cache;
  }

  @ParameterizedTest
  @CsvSource({"onnx, blip2-djl", "djl, blip2-onnx", "onnx, none-is-missing"})
  void nothingIsAskedForAndNothingIsLeft(String backend, String other) throws Exception {
    Path home = Files.createDirectory(folder.resolve("home"));
    Path temporary = Files.createDirectory(folder.resolve("temporary"));
    Path attempts = folder.resolve("attempts.txt");
    Path calls = Files.createFile(folder.resolve("calls.txt"));
    Path work = Files.createDirectory(folder.resolve("work"));
    ChildJvm jvm =
        new ChildJvm(
            folder,
            isolation(calls),
            Map.of(
                "HOME",
                home.toString(),
                "HF_HUB_CACHE",
                downloaded().toString(),
                "OMP_WAIT_POLICY",
                "PASSIVE"),
            Stream.concat(
                    strictness(),
                    Stream.of(
                        "-Duser.home=" + home,
                        "-Djava.io.tmpdir=" + temporary,
                        "-Dattempts=" + attempts,
                        "-Djava.nio.channels.spi.SelectorProvider=" + NoNetwork.class.getName()))
                .toList());
    ChildJvm.Result result =
        jvm.run(ChildJvm.classPathWithout(other), Quiet.class, List.of(backend, work.toString()));
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.err()).doesNotContain("WARNING");
    assertThat(attempts).doesNotExist();
    assertThat(Files.readString(calls)).doesNotContain("AF_INET");
    assertThat(names(temporary)).isEmpty();
    assertThat(names(home)).containsExactly(".cache");
    assertThat(names(home.resolve(".cache"))).containsExactly("blip2");
    Path natives = home.resolve(".cache/blip2/natives");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(natives)))
        .isEqualTo("rwx------");
    assertThat(names(natives))
        .containsExactly(backend.equals("onnx") ? "onnxruntime" : "pytorch", "tokenizers");
    ChildJvm.Result listed =
        jvm.run(ChildJvm.classPathWithout(other), Main.class, List.of("cache", "list"));
    for (String engine : names(natives)) {
      assertThat(listed.out())
          .contains("native libraries of " + engine + "  " + natives.resolve(engine));
    }
  }

  /** The commands in a process whose sockets are refused. */
  static final class Quiet {
    private Quiet() {}

    public static void main(String[] arguments) throws Exception {
      NoNetwork.install();
      EveryCommand.main(arguments);
    }
  }
}
