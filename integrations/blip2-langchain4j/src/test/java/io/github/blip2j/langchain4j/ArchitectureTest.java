package io.github.blip2j.langchain4j;

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
    assertThat(CLASSES.stream().filter(JavaClass::isTopLevelClass)).hasSizeGreaterThan(12);
    LocaleRule.check(CLASSES);
  }

  /** What LangChain4j calls internal may change in any version. */
  @Test
  void onlyThePublicSidesAreUsed() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("dev.langchain4j.internal..", "io.github.blip2j.internal..")
        .check(CLASSES);
  }
}
