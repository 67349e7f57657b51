package io.github.blip2j.djl;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import io.github.blip2j.testkit.LocaleRule;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  private static final JavaClasses CLASSES = LocaleRule.compiled();

  @Test
  void nothingFollowsTheDefaultLocale() {
    assertThat(CLASSES.stream().filter(JavaClass::isTopLevelClass)).hasSizeGreaterThan(15);
    LocaleRule.check(CLASSES);
  }

  /** What no backend of others could use: the facade above, and what the api keeps to itself. */
  @Test
  void neitherFacadeNorInternalsAreKnown() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.github.blip2j", "io.github.blip2j.internal..")
        .check(CLASSES);
  }
}
