package io.github.blip2j.spark;

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
    assertThat(CLASSES.stream().filter(JavaClass::isTopLevelClass)).hasSizeGreaterThan(7);
    LocaleRule.check(CLASSES);
  }

  @Test
  void onlyThePublicSideOfTheLibraryIsUsed() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.github.blip2j.internal..")
        .check(CLASSES);
  }
}
