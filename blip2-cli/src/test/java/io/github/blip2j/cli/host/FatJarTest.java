package io.github.blip2j.cli.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.testkit.Fixtures;
import io.github.blip2j.testkit.Golden;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The first load in a thread that does not see the library, and after a load that failed. */
class FatJarTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"onnx", "djl"})
  void loadsInACommonPoolAndAfterAFailure(String backend) throws Exception {
    Path model = Fixtures.directory("tiny-opt");
    Golden.Case golden = new Golden(model).cases("caption").get(0);
    Path image = Fixtures.image(golden.images().get(0));
    String classes =
        Path.of(FatJar.class.getProtectionDomain().getCodeSource().getLocation().toURI())
            .toString();
    String application = ChildJvm.classPathWithout();
    assertThat(Arrays.asList(application.split(java.io.File.pathSeparator))).contains(classes);
    ChildJvm jvm =
        new ChildJvm(
            folder,
            List.of(),
            Map.of("OMP_WAIT_POLICY", "PASSIVE"),
            List.of(
                "-Djava.util.concurrent.ForkJoinPool.common.parallelism=2",
                "-Djava.io.tmpdir=" + folder.resolve("temporary")));
    String argument =
        String.join(
            ",", backend, model.toString(), image.toString(), folder.resolve("cache").toString());
    ChildJvm.Result result =
        jvm.run(classes, FatJar.class, List.of(application, FirstLoads.class.getName(), argument));
    assertThat(result.status()).as(result.err()).isZero();
    assertThat(result.out().lines())
        .containsExactly("BackendUnavailableException with a cause", golden.texts().get(0));
  }
}
