package io.github.blip2j.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import io.github.blip2j.testkit.LocaleRule;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES = LocaleRule.compiled();

  @Test
  void nothingFollowsTheDefaultLocale() {
    assertThat(CLASSES.stream().filter(JavaClass::isTopLevelClass)).hasSizeGreaterThan(30);
    LocaleRule.check(CLASSES);
  }

  @Test
  void theTransportKnowsNoModelAndTheRestNoTransport() {
    ArchRuleDefinition.noClasses()
        .that()
        .resideInAPackage("io.github.blip2j.server.http")
        .should()
        .dependOnClassesThat()
        .resideOutsideOfPackages(
            "io.github.blip2j.server.http",
            "java..",
            "com.sun.net..",
            "org.slf4j..",
            "org.jspecify..")
        .check(CLASSES);
    ArchRuleDefinition.noClasses()
        .that()
        .resideOutsideOfPackage("io.github.blip2j.server.http")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("com.sun.net..")
        .check(CLASSES);
  }

  /** No path from a request to a local file or another machine: there is nothing that opens one. */
  @Test
  void nothingHereOpensFilesOrConnections() {
    ArchRuleDefinition.noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.nio.file..", "java.net.http..")
        .orShould()
        .dependOnClassesThat()
        .haveNameMatching(
            "java\\.io\\.(File|FileInputStream|RandomAccessFile|FileReader)"
                + "|java\\.net\\.(Socket|URL|URLConnection)")
        .check(CLASSES);
  }
}
