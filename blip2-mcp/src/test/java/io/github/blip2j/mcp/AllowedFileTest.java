package io.github.blip2j.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.image.ImageSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both ways to a file, by open folders and for systems without: no link leads either out. */
class AllowedFileTest {
  @TempDir Path root;
  private Path folder;
  private Path elsewhere;

  @BeforeEach
  void fill() throws IOException {
    root = root.toRealPath();
    folder = Files.createDirectories(root.resolve("photos"));
    elsewhere = Files.createDirectories(root.resolve("elsewhere"));
    Files.writeString(elsewhere.resolve("s.png"), "secret");
  }

  private static String text(ImageSource source) throws IOException {
    try (InputStream in = source.open()) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  private AllowedFile file(String name) {
    return new AllowedFile(folder, folder.resolve(name));
  }

  @Test
  void filesAreReadHoweverDeepTheyLie() throws IOException {
    for (String name : new String[] {"a.png", "b/a.png", "b/c/d/a.png"}) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, name);
      assertThat(text(file(name).read())).isEqualTo(name);
      assertThat(text(file(name).readAndLookAgain())).isEqualTo(name);
    }
  }

  @Test
  void noLinkIsFollowedOnTheWay() throws IOException {
    Files.createDirectories(folder.resolve("b"));
    Files.createSymbolicLink(folder.resolve("away"), elsewhere);
    Files.createSymbolicLink(folder.resolve("b/away"), elsewhere);
    Files.createSymbolicLink(folder.resolve("b/s.png"), elsewhere.resolve("s.png"));
    for (String name : new String[] {"away/s.png", "b/away/s.png", "b/s.png"}) {
      assertThat(folder.resolve(name)).hasContent("secret");
      assertThatThrownBy(() -> file(name).read()).as(name).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> file(name).readAndLookAgain())
          .as(name)
          .isInstanceOf(IOException.class);
    }
  }

  @Test
  void whatIsGoneIsNamed() {
    assertThatThrownBy(() -> file("none/a.png").read())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
    assertThatThrownBy(() -> file("none/a.png").readAndLookAgain())
        .isInstanceOf(IOException.class)
        .hasMessageContaining("none");
  }
}
