package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@code tools/bundle.sh} makes of jars, with a {@code jlink} that the test plays. */
class BundleScriptTest {
  private static final List<String> JARS =
      List.of("blip2-cli-1.jar", "blip2-onnx-1.jar", "onnxruntime-1.jar", "pytorch-engine-1.jar");

  @TempDir Path folder;
  private String lib = "";

  /** A status, and standard output and error together. */
  private record Result(int status, String said) {}

  @BeforeEach
  void jars() throws IOException {
    Path jars = Files.createDirectory(folder.resolve("jars"));
    for (String jar : JARS) {
      Files.writeString(jars.resolve(jar), jar);
    }
    lib = jars.toString();
    Files.createDirectory(folder.resolve("bin"));
  }

  private void jlink(String shell) throws IOException {
    jlink("17.0.15", shell);
  }

  private void jlink(String version, String shell) throws IOException {
    Path program = folder.resolve("bin/jlink");
    String asked = "[ \"$1\" != --version ] || { echo " + version + "; exit 0; }\n";
    Files.writeString(program, "#!/bin/sh\n" + asked + shell + "\n");
    assertThat(program.toFile().setExecutable(true)).isTrue();
  }

  private Result run(String... command) throws Exception {
    Path said = folder.resolve("said.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
    Map<String, String> variables = builder.environment();
    variables.remove("JAVA_HOME");
    variables.put("PATH", folder.resolve("bin") + ":" + variables.get("PATH"));
    variables.put("BLIP2_LIB", lib);
    Process process = builder.start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    return new Result(process.exitValue(), Files.readString(said));
  }

  private Result bundle(String... arguments) throws Exception {
    Path script = Path.of("..", "tools", "bundle.sh").toAbsolutePath();
    Stream<String> command = Stream.of("sh", script.toString());
    return run(Stream.concat(command, Stream.of(arguments)).toArray(String[]::new));
  }

  private List<String> names(String within) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(within))) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** The runtime's java says what it was started with. */
  @Test
  void aFolderHasARuntimeTheJarsOfOneBackendAndALauncher() throws Exception {
    jlink(
        "mkdir -p \"$2/bin\"; echo 'echo started \"$@\"' >\"$2/bin/java\"; chmod 755"
            + " \"$2/bin/java\"");
    Path made = folder.resolve("a bundle");
    Result result = bundle(made.toString());
    assertThat(result.status()).as(result.said()).isZero();
    assertThat(names("a bundle")).containsExactly("LICENSE", "blip2", "lib", "runtime");
    assertThat(names("a bundle/lib"))
        .containsExactly("blip2-cli-1.jar", "blip2-onnx-1.jar", "onnxruntime-1.jar");
    Result started = run(made.resolve("blip2").toString(), "caption", "an image.png");
    assertThat(started.said())
        .startsWith("started ")
        .contains(made.resolve("lib") + "/*")
        .endsWith("io.github.blip2j.cli.Main caption an image.png\n");
    assertThat(bundle(folder.resolve("djl").toString(), "djl").status()).isZero();
    assertThat(names("djl/lib")).containsExactly("blip2-cli-1.jar", "pytorch-engine-1.jar");
    assertThat(bundle(folder.resolve("both").toString(), "both").status()).isZero();
    assertThat(names("both/lib")).containsExactlyElementsOf(JARS);
  }

  /** With a launcher in a project's place that has newer jars than lie there. */
  @Test
  void jarsThatAreNotNamedAreBuiltIfTheyAreOld() throws Exception {
    jlink("mkdir -p \"$2/bin\"");
    Path project = Files.createDirectories(folder.resolve("project"));
    Path tools = Files.createDirectory(project.resolve("tools"));
    Path script = Files.copy(Path.of("..", "tools", "bundle.sh"), tools.resolve("bundle.sh"));
    Path jars = Files.createDirectories(project.resolve("blip2-cli/target/lib"));
    Files.writeString(jars.resolve("old.jar"), "");
    Files.writeString(project.resolve("LICENSE"), "");
    Path launcher = project.resolve("blip2");
    String builds = "cd \"${0%/*}/blip2-cli/target/lib\"; mv old.jar new.jar";
    Files.writeString(launcher, "#!/bin/sh\nset -e; [ \"$*\" = --version ]; " + builds + "\n");
    assertThat(launcher.toFile().setExecutable(true)).isTrue();
    lib = "";
    Result result = run("sh", script.toString(), folder.resolve("made").toString());
    assertThat(result.status()).as(result.said()).isZero();
    assertThat(names("made/lib")).containsExactly("new.jar");
  }

  /** As shells complete the names of folders. */
  @ParameterizedTest
  @ValueSource(strings = {"made/", "made//"})
  void aSlashAtItsEndIsNoPartOfTheName(String name) throws Exception {
    jlink("mkdir -p \"$2/bin\"");
    Result result = bundle(folder + "/" + name);
    assertThat(result.status()).as(result.said()).isZero();
    assertThat(names(".")).containsExactly("bin", "jars", "made", "said.txt");
    assertThat(names("made")).containsExactly("LICENSE", "blip2", "lib", "runtime");
  }

  @Test
  void ofARunThatFailsNothingStays() throws Exception {
    jlink("mkdir -p \"$2\"; echo no space >&2; exit 1");
    Result result = bundle(folder.resolve("made").toString());
    assertThat(result.status()).isEqualTo(1);
    assertThat(result.said()).contains("no space");
    assertThat(names(".")).containsExactly("bin", "jars", "said.txt");
  }

  /** Some shells leave out what is for the end when a signal ends them. */
  @Test
  void ofARunThatIsStoppedNothingStays() throws Exception {
    jlink("mkdir -p \"$2\"; kill -TERM $PPID");
    Result result = bundle(folder.resolve("made").toString());
    assertThat(result.status()).as(result.said()).isEqualTo(143);
    assertThat(names(".")).containsExactly("bin", "jars", "said.txt");
  }

  /** A program of another package would be needed: {@code objcopy}, which a JDK does not bring. */
  @Test
  void nothingButTheJdkIsNeeded() throws Exception {
    jlink("mkdir -p \"$2/bin\"; echo \"$@\"");
    assertThat(bundle(folder.resolve("made").toString()).said())
        .contains("--strip-java-debug-attributes")
        .doesNotContain("--strip-debug");
  }

  /** The older name makes newer Javas warn, and the newer one stops older Javas. */
  @ParameterizedTest
  @CsvSource({"17.0.15, 2", "20, 2", "21.0.2, zip-6", "25.0.1, zip-6", "26-ea, zip-6"})
  void compressionIsNamedAsTheJavaKnowsIt(String version, String compression) throws Exception {
    jlink(version, "mkdir -p \"$2/bin\"; echo \"$@\"");
    assertThat(bundle(folder.resolve("made").toString()).said())
        .contains("--compress=" + compression + " ");
  }

  @Test
  void slipsAreToldBeforeAnythingIsMade() throws Exception {
    jlink("echo must not run; exit 9");
    assertThat(bundle()).extracting(Result::status).isEqualTo(2);
    assertThat(bundle("")).extracting(Result::status).isEqualTo(2);
    for (String root : List.of("/", "//")) {
      Result whole = bundle(root);
      assertThat(whole.status()).isEqualTo(1);
      assertThat(whole.said()).contains("expected a folder that is not there, found /;");
    }
    Result backend = bundle(folder.resolve("made").toString(), "tensorflow");
    assertThat(backend.status()).isEqualTo(2);
    assertThat(backend.said()).contains("onnx, djl or both").contains("tensorflow");
    Result there = bundle(folder.resolve("jars").toString());
    assertThat(there.status()).isEqualTo(1);
    assertThat(there.said()).contains("expected a folder that is not there");
    assertThat(names("jars")).containsExactlyElementsOf(JARS);
  }
}
