package io.github.blip2j.mcp;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.testkit.LocaleRule;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES = LocaleRule.compiled();

  @Test
  void nothingFollowsTheDefaultLocale() {
    assertThat(CLASSES.stream().filter(JavaClass::isTopLevelClass)).hasSizeGreaterThan(10);
    LocaleRule.check(CLASSES);
  }

  /** What the tools do outlives this version of the protocol. */
  @Test
  void onlyTheEdgeKnowsTheProtocol() {
    noClasses()
        .that()
        .haveNameNotMatching(".*\\.(McpService|ToolList)(\\$.*)?")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.modelcontextprotocol..", "reactor..")
        .check(CLASSES);
  }

  /** Files of users are opened in one class, which follows no link out of their folder. */
  @Test
  void imagesAreReadInOnePlace() {
    noClasses()
        .that()
        .doNotHaveSimpleName("AllowedFile")
        .should()
        .callMethod(Files.class, "newInputStream", Path.class, OpenOption[].class)
        .orShould()
        .callMethod(Files.class, "readAllBytes", Path.class)
        .orShould()
        .callMethod(ImageSource.class, "of", Path.class)
        .check(CLASSES);
    noClasses()
        .that()
        .doNotHaveSimpleName("AllowedImages") // which takes data, and no address of a file
        .should()
        .callMethod(ImageSource.class, "of", URI.class)
        .check(CLASSES);
  }

  @Test
  void nothingOpensConnections() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAPackage("java.net.http..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching("java\\.net\\.(Socket|URL|URLConnection)")
        .check(CLASSES);
  }
}
