package io.github.blip2j.testkit;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnitAccess;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * No class may call, or refer to, what follows the process's default locale: whatever has a twin
 * that takes a {@link Locale} besides the same arguments, and the few that have none. Else digits
 * and letters of a user's language get into programs, file names and results.
 */
public final class LocaleRule {
  /** What has no twin, or none of the same arguments: names, or every member. */
  private static final Map<String, Set<String>> WITHOUT_TWIN =
      Map.of(
          "java.lang.String", Set.of("formatted"),
          "java.util.Locale", Set.of("getDefault", "setDefault"),
          "java.util.Scanner", Set.of(),
          "java.util.Formatter", Set.of("<init>"),
          "java.util.Date", Set.of("toLocaleString"),
          "java.io.Console", Set.of("printf", "format", "readLine", "readPassword"),
          "java.text.DecimalFormat", Set.of("<init>"),
          "java.text.SimpleDateFormat", Set.of("<init>"),
          "java.text.MessageFormat", Set.of("<init>", "format"),
          "java.text.ChoiceFormat", Set.of());

  /** An argument of these says which language is meant. */
  private static final Set<String> CHOSEN =
      Set.of("java.util.Locale", "java.text.DecimalFormatSymbols", "java.text.DateFormatSymbols");

  private LocaleRule() {}

  /** The classes that a module was compiled to, tests left out; one's own, not a dependency's. */
  public static JavaClasses compiled() {
    return new ClassFileImporter().importPath(Path.of("target", "classes"));
  }

  /**
   * Checks classes.
   *
   * @throws AssertionError if one depends on the default locale; names every place
   */
  public static void check(JavaClasses classes) {
    ArchRuleDefinition.noClasses().should(followTheDefaultLocale()).check(classes);
  }

  private static ArchCondition<JavaClass> followTheDefaultLocale() {
    return new ArchCondition<>("follow the default locale") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        for (JavaCodeUnitAccess<?> access : item.getCodeUnitAccessesFromSelf()) {
          if (follows(access)) {
            events.add(SimpleConditionEvent.satisfied(item, access.getDescription()));
          }
        }
      }
    };
  }

  private static boolean follows(JavaCodeUnitAccess<?> access) {
    String name = access.getTarget().getName();
    List<String> parameters =
        access.getTarget().getRawParameterTypes().stream().map(JavaClass::getName).toList();
    if (parameters.stream().anyMatch(CHOSEN::contains)) {
      return false;
    }
    List<JavaClass> owners = new ArrayList<>(access.getTargetOwner().getAllRawSuperclasses());
    owners.add(access.getTargetOwner());
    return owners.stream()
        .map(JavaClass::getName)
        .anyMatch(owner -> isListed(owner, name) || hasTwin(owner, name, parameters));
  }

  private static boolean isListed(String owner, String name) {
    Set<String> names = WITHOUT_TWIN.get(owner);
    return names != null && (names.isEmpty() || names.contains(name))
        || owner.equals("java.time.format.DateTimeFormatter") && name.startsWith("ofLocalized");
  }

  private static boolean hasTwin(String owner, String name, List<String> parameters) {
    if (!owner.startsWith("java.")) {
      return false;
    }
    Class<?> type;
    try {
      type = Class.forName(owner, false, ClassLoader.getPlatformClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
    Stream<? extends Executable> twins =
        name.equals("<init>")
            ? Stream.<Constructor<?>>of(type.getConstructors())
            : Stream.<Method>of(type.getMethods()).filter(m -> m.getName().equals(name));
    return twins.anyMatch(twin -> isTwin(twin, parameters));
  }

  private static boolean isTwin(Executable twin, List<String> parameters) {
    List<String> others =
        new ArrayList<>(Arrays.stream(twin.getParameterTypes()).map(Class::getName).toList());
    return others.remove(Locale.class.getName()) && others.equals(parameters);
  }
}
