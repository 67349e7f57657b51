package io.github.blip2j.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.conditions.ArchConditions.notBePublic;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The rooms of this module and who may enter which. */
class ArchitectureTest {
  private static final String[] VALUES = {
    "io.github.blip2j.core",
    "io.github.blip2j.image",
    "io.github.blip2j.generation",
    "io.github.blip2j.chat",
    "io.github.blip2j.retrieval"
  };

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.github.blip2j");

  @Test
  void theRulesSawTheClasses() {
    assertThat(CLASSES.stream().filter(JavaClass::isTopLevelClass)).hasSizeGreaterThan(60);
  }

  @Test
  void noEngineIsKnownHere() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("ai.onnxruntime..", "ai.djl.engine..", "ai.djl.pytorch..")
        .check(CLASSES);
    noClasses()
        .that()
        .resideOutsideOfPackage("io.github.blip2j.internal.text")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("ai.djl..")
        .check(CLASSES);
  }

  @Test
  void noPackageIsPartOfACycle() {
    slices().matching("io.github.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  /** The facade stands on everything, and nothing on it. */
  @Test
  void nothingBelowKnowsTheFacade() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.github.blip2j")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.github.blip2j")
        .check(CLASSES);
  }

  /** Values are seen by all, and so know little: no engine, no backend, no decoding. */
  @Test
  void valuesStandOnValues() {
    classes()
        .that()
        .resideInAnyPackage(VALUES)
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage("io.github.blip2j..")
                .or(resideInAnyPackage(VALUES))
                .or(
                    resideInAnyPackage(
                        "io.github.blip2j.checkpoint",
                        "io.github.blip2j.internal.values",
                        "io.github.blip2j.internal.features")))
        .check(CLASSES);
  }

  /** Whatever backends there are: this module names none. */
  @Test
  void noBackendIsNamed() throws IOException {
    List<String> named = new ArrayList<>();
    try (var walk = Files.walk(Path.of("src/main/java"))) {
      for (Path file : walk.filter(f -> f.toString().endsWith(".java")).toList()) {
        if (!file.endsWith("module-info.java")
            && Files.readString(file).lines().anyMatch(l -> l.matches(".*\"(onnx|djl)\".*"))) {
          named.add(file.toString());
        }
      }
    }
    assertThat(named).isEmpty();
  }

  /** Our own backends get what everybody gets: a room is open to all, or to nobody. */
  @Test
  void noPackageIsExportedToFriends() throws IOException {
    String module = Files.readString(Path.of("src/main/java/module-info.java"));
    assertThat(module).contains("exports io.github.blip2j.spi;");
    assertThat(module.lines().map(String::strip))
        .noneMatch(l -> l.matches("(exports|opens) .* to\\b.*"))
        .noneMatch(l -> l.startsWith("exports io.github.blip2j.internal"));
  }

  /** What backends share says nothing of decoding, images or texts. */
  @Test
  void theRoomsOfBackendsKnowTheMachineOnly() {
    String root = "io.github.blip2j.";
    noClasses()
        .that()
        .resideInAPackage(root + "host")
        .should()
        .dependOnClassesThat(
            resideInAPackage("io.github.blip2j..")
                .and(resideOutsideOfPackages(root + "host", root + "core", root + "internal.hub")))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(root + "session")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "internal..")
                .and(resideOutsideOfPackage(root + "internal.values")))
        .check(CLASSES);
  }

  /** A checkpoint names families and shares values; what lies below knows nothing internal. */
  @Test
  void theInterfaceOfBackendsKnowsNothingInternal() {
    String root = "io.github.blip2j.";
    noClasses()
        .that()
        .resideInAnyPackage(root + "spi", root + "stage", root + "family", root + "files")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "internal..")
                .and(resideOutsideOfPackage(root + "internal.json")))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAPackage(root + "checkpoint")
        .should()
        .dependOnClassesThat(
            resideInAPackage(root + "internal..")
                .and(resideOutsideOfPackages(root + "internal.family..", root + "internal.values")))
        .check(CLASSES);
    noClasses()
        .that()
        .resideInAnyPackage(root + "files", root + "stage", root + "family", root + "checkpoint")
        .should()
        .dependOnClassesThat()
        .resideInAPackage(root + "spi")
        .check(CLASSES);
  }

  /** It brings 300 classes, which opening a model would wait for; trees of JSON need none. */
  @Test
  void openingAModelNeedsNoMapperOfObjects() {
    String root = "io.github.blip2j.";
    noClasses()
        .that()
        .resideInAnyPackage(
            root + "files", root + "checkpoint", root + "internal.json", root + "internal.text")
        .should()
        .dependOnClassesThat(assignableTo("com.fasterxml.jackson.databind.ObjectMapper"))
        .check(CLASSES);
  }

  @Test
  void theModelTextIsOnlyText() {
    noClasses()
        .that()
        .resideInAnyPackage(
            "io.github.blip2j.stage",
            "io.github.blip2j.family",
            "io.github.blip2j.internal.family..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.io..", "java.nio..", "com.fasterxml..", "org.slf4j..")
        .check(CLASSES);
  }

  @Test
  void theEnvironmentIsReadInOnePlace() {
    noClasses()
        .that()
        .doNotHaveSimpleName("Locations")
        .should()
        .callMethod(System.class, "getProperty", String.class)
        .orShould()
        .callMethod(System.class, "getenv")
        .orShould()
        .callMethod(System.class, "getenv", String.class)
        .check(CLASSES);
  }

  @Test
  void nothingStaticChanges() {
    fields().that().areStatic().should().beFinal().check(CLASSES);
  }

  @Test
  void namesSayWhatThingsAre() {
    noClasses()
        .should()
        .haveNameMatching(".*\\.(Abstract\\w*|\\w*(Impl|Utils?|Manager|Helper))")
        .check(CLASSES);
    methods()
        .that()
        .arePublic()
        .and()
        .haveNameMatching("get[A-Z].*")
        .should(notBePublic())
        .allowEmptyShould(true)
        .check(CLASSES);
  }
}
