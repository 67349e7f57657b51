package io.github.blip2j.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The table of rooms in {@code docs/architecture.md} says what is so. */
class RoomsTest {
  private static final String ROOT = "io.github.blip2j";
  private static final Pattern ROW = Pattern.compile("\\| (\\d+) \\| ([^|]+) \\| [^|]+ \\|");
  private static final Pattern NAME = Pattern.compile("`([\\w.*]+)`");

  private static final JavaClasses CLASSES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages(ROOT);

  /**
   * A room of the table.
   *
   * @param floor from 0
   * @param name of a package, or of all below one, with a star at its end
   */
  private record Room(int floor, String name) {
    boolean holds(String packageName) {
      return name.endsWith(".*")
          ? packageName.startsWith(name.substring(0, name.length() - 1))
          : packageName.equals(name);
    }
  }

  private static List<Room> rooms() throws IOException {
    List<Room> rooms = new ArrayList<>();
    for (String line : Files.readAllLines(Path.of("../docs/architecture.md"))) {
      MatchResult row = ROW.matcher(line).results().findFirst().orElse(null);
      if (row != null) {
        NAME.matcher(row.group(2))
            .results()
            .map(n -> n.group(1))
            .map(n -> n.startsWith(ROOT) ? n : ROOT + "." + n)
            .forEach(n -> rooms.add(new Room(Integer.parseInt(row.group(1)), n)));
      }
    }
    return rooms;
  }

  private static Room of(String packageName, List<Room> rooms) {
    List<Room> found = rooms.stream().filter(r -> r.holds(packageName)).toList();
    assertThat(found).as("rooms of %s", packageName).hasSize(1);
    return found.get(0);
  }

  @Test
  void everyPackageStandsOnOneFloorAndOnLowerOnes() throws IOException {
    List<Room> rooms = rooms();
    Set<String> seen = new TreeSet<>();
    Set<String> wrong = new TreeSet<>();
    for (JavaClass type : CLASSES) {
      Room own = of(type.getPackageName(), rooms);
      seen.add(own.name());
      for (Dependency needed : type.getDirectDependenciesFromSelf()) {
        String other = needed.getTargetClass().getBaseComponentType().getPackageName();
        if (other.startsWith(ROOT)) {
          Room below = of(other, rooms);
          if (!below.equals(own) && below.floor() >= own.floor()) {
            wrong.add(own + " needs " + below + ": " + needed.getDescription());
          }
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(seen)
        .as("rooms that are there")
        .hasSizeGreaterThan(20)
        .containsExactlyInAnyOrderElementsOf(rooms.stream().map(Room::name).toList());
  }
}
