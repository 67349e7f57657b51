package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Rules that need the testkit itself, for its classes and those of the api. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.github.blip2j");

  @Test
  void nothingFollowsTheDefaultLocale() {
    assertThat(CLASSES.stream().filter(JavaClass::isTopLevelClass)).hasSizeGreaterThan(80);
    LocaleRule.check(CLASSES);
  }
}
