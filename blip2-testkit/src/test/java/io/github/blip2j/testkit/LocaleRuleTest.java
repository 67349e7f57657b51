package io.github.blip2j.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.text.Collator;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.text.MessageFormat;
import java.text.NumberFormat;
import java.text.SimpleDateFormat;
import java.time.format.DateTimeFormatter;
import java.util.Formatter;
import java.util.List;
import java.util.Locale;
import java.util.Scanner;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The rule finds what it forbids. */
class LocaleRuleTest {
  private static final int FORBIDDEN = 17;

  /** One forbidden call each. */
  @SuppressWarnings("DefaultCharset") // nothing is written
  static final class Forbidden {
    private final PrintStream stream =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    private final PrintWriter writer = new PrintWriter(stream);

    Object all() {
      stream.printf("%d", 1);
      writer.printf("%d", 1);
      writer.format("%d", 1);
      UnaryOperator<String> reference = String::toUpperCase;
      return List.of(
          String.format("%d", 1),
          "%d".formatted(1),
          reference.apply("i").toLowerCase(),
          new Formatter(),
          new Formatter(new StringBuilder()),
          new DecimalFormat("0.0"),
          NumberFormat.getInstance(),
          new SimpleDateFormat("yyyy"),
          DateTimeFormatter.ofPattern("yyyy"),
          MessageFormat.format("{0}", 1),
          new Scanner("1"),
          Collator.getInstance(),
          Locale.getDefault());
    }
  }

  /** What is to be written instead. */
  static final class Allowed {
    Object all() {
      return List.of(
          String.format(Locale.ROOT, "%d", 1),
          "I".toLowerCase(Locale.ROOT),
          new Formatter(Locale.ROOT),
          new DecimalFormat("0.0", DecimalFormatSymbols.getInstance(Locale.ROOT)),
          NumberFormat.getInstance(Locale.ROOT),
          String.valueOf(0.5),
          DateTimeFormatter.ISO_DATE);
    }
  }

  @Test
  void everyForbiddenCallIsFound() {
    assertThatThrownBy(
            () -> LocaleRule.check(new ClassFileImporter().importClasses(Forbidden.class)))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining("(" + FORBIDDEN + " times)");
  }

  @Test
  void whatNamesItsLocaleIsAllowed() {
    LocaleRule.check(new ClassFileImporter().importClasses(Allowed.class));
  }
}
