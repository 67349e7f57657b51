package io.github.blip2j.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.blip2j.Blip2;
import io.github.blip2j.LoadedCheckpoint;
import io.github.blip2j.PreparedFiles;
import io.github.blip2j.chat.ChatSampling;
import io.github.blip2j.chat.Dialogue;
import io.github.blip2j.checkpoint.NewFolder;
import io.github.blip2j.family.LanguageFamily;
import io.github.blip2j.family.VisionFamily;
import io.github.blip2j.files.DerivedFile;
import io.github.blip2j.files.Rules;
import io.github.blip2j.generation.VqaAnswers;
import io.github.blip2j.host.DirectMemory;
import io.github.blip2j.host.EngineStart;
import io.github.blip2j.host.Host;
import io.github.blip2j.host.Natives;
import io.github.blip2j.image.ImageAddresses;
import io.github.blip2j.session.CachedSession;
import io.github.blip2j.spi.Backend;
import io.github.blip2j.stage.LayerNorm;
import io.github.blip2j.stage.LayerTaps;
import io.github.blip2j.stage.Linear;
import io.github.blip2j.stage.RmsNorm;
import java.io.IOException;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Nothing is public for our own modules only: whoever starts at the facade, or at what a backend or
 * a family implements, meets every public type of every exported package in a signature. What only
 * other modules of ours call is met in none, and belongs into them or into an internal package.
 */
class ReachedTypesTest {
  /** Where users, authors of backends and authors of families begin. */
  private static final List<Class<?>> ENTRANCES =
      List.of(
          Blip2.class,
          LoadedCheckpoint.class, // what goes beyond a model's tasks, such as training
          PreparedFiles.class, // the cache folder, without a model
          VqaAnswers.class, // an evaluation's form of answers, without a model
          Dialogue.class, // what a server or a framework makes of its messages
          ChatSampling.class, // and of its numbers
          ImageAddresses.class, // which addresses in them it follows
          Backend.class,
          DerivedFile.class, // how a backend keeps what it makes of weights
          NewFolder.class, // how what was made of a checkpoint is written
          LanguageFamily.class,
          VisionFamily.class,
          Rules.class, // what a family checks its settings by
          CachedSession.class, // what a backend's sessions extend
          LayerTaps.class, // how to listen to what a language model's layers are given
          Host.class, // what a backend asks of the process, and starts its engine by
          EngineStart.class,
          Natives.class,
          DirectMemory.class,
          Linear.class, // what a family's forward pass is written with
          LayerNorm.class,
          RmsNorm.class);

  private static final Pattern EXPORT = Pattern.compile("exports ([\\w.]+);");

  private final Set<String> met = new TreeSet<>();
  private final Deque<Class<?>> open = new ArrayDeque<>();

  private static Set<String> exported() throws IOException {
    String module = Files.readString(Path.of("src/main/java/module-info.java"));
    Set<String> packages = new TreeSet<>();
    EXPORT.matcher(module).results().map((MatchResult m) -> m.group(1)).forEach(packages::add);
    return packages;
  }

  private static List<Class<?>> publicTypes(Set<String> packages) throws Exception {
    List<Class<?>> types = new ArrayList<>();
    for (String name : packages) {
      Path folder = Path.of("src/main/java", name.split("\\."));
      try (var files = Files.newDirectoryStream(folder, "[A-Z]*.java")) {
        for (Path file : files) {
          String simple = file.getFileName().toString().replace(".java", "");
          Class<?> type = Class.forName(name + "." + simple);
          if (Modifier.isPublic(type.getModifiers())) {
            types.add(type);
          }
        }
      }
    }
    return types;
  }

  private void meet(Type type) {
    if (type instanceof Class<?> one) {
      Class<?> plain = one;
      while (plain.isArray()) {
        plain = plain.componentType();
      }
      if (plain.getName().startsWith("io.github.blip2j") && met.add(plain.getName())) {
        open.add(plain);
      }
    } else if (type instanceof ParameterizedType generic) {
      meet(generic.getRawType());
      List.of(generic.getActualTypeArguments()).forEach(this::meet);
    } else if (type instanceof GenericArrayType array) {
      meet(array.getGenericComponentType());
    } else if (type instanceof WildcardType wild) {
      List.of(wild.getUpperBounds()).forEach(this::meet);
      List.of(wild.getLowerBounds()).forEach(this::meet);
    } else if (type instanceof TypeVariable<?> variable) {
      for (Type bound : variable.getBounds()) {
        meet(bound);
      }
    }
  }

  private void look(Class<?> type) {
    for (Executable member : members(type)) {
      if (isSeen(member.getModifiers())) {
        List.of(member.getGenericParameterTypes()).forEach(this::meet);
        List.of(member.getExceptionTypes()).forEach(this::meet);
        meet(member.getAnnotatedReturnType().getType());
      }
    }
    for (Field field : type.getDeclaredFields()) {
      if (isSeen(field.getModifiers())) {
        meet(field.getGenericType());
      }
    }
    for (Class<?> nested : type.getDeclaredClasses()) {
      if (isSeen(nested.getModifiers())) {
        meet(nested);
      }
    }
    if (type.isSealed()) {
      List.of(type.getPermittedSubclasses()).forEach(this::meet);
    }
    if (type.getDeclaringClass() != null) {
      meet(type.getDeclaringClass());
    }
  }

  private static List<Executable> members(Class<?> type) {
    List<Executable> members = new ArrayList<>(List.of(type.getDeclaredMethods()));
    members.addAll(List.of(type.getDeclaredConstructors()));
    return members;
  }

  private static boolean isSeen(int modifiers) {
    return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
  }

  @Test
  void everyPublicTypeIsMet() throws Exception {
    Set<String> packages = exported();
    assertThat(packages).hasSizeGreaterThan(5);
    ENTRANCES.forEach(this::meet);
    meet(Class.forName("io.github.blip2j.core.Blip2Exception")); // what they all throw
    while (!open.isEmpty()) {
      Class<?> next = open.poll();
      if (packages.contains(next.getPackageName())) {
        look(next);
      }
    }
    List<Class<?>> types = publicTypes(packages);
    assertThat(types).hasSizeGreaterThan(60);
    assertThat(types.stream().map(Class::getName).filter(n -> !met.contains(n))).isEmpty();
  }
}
