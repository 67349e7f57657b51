package io.github.blip2j.mcp;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which images may be looked at, and that no way leads to others. */
class AllowedImagesTest {
  private static final String OUTSIDE = "must be a data: URI, or lie in one of";

  @TempDir Path root;
  private Path folder;
  private Path secret;
  private AllowedImages images;

  @BeforeEach
  void fill() throws IOException {
    root = root.toRealPath();
    folder = Files.createDirectories(root.resolve("photos"));
    Files.createDirectories(folder.resolve("summer"));
    Files.writeString(folder.resolve("a.png"), "a");
    Files.writeString(folder.resolve("summer/b.JPG"), "b");
    Files.writeString(folder.resolve("notes.txt"), "no image");
    secret =
        Files.writeString(Files.createDirectories(root.resolve("photos2")).resolve("s.png"), "s");
    Files.createSymbolicLink(folder.resolve("link.png"), secret);
    Files.createSymbolicLink(folder.resolve("away"), secret.getParent());
    Files.createSymbolicLink(folder.resolve("again.png"), Path.of("a.png"));
    images = new AllowedImages(List.of(folder));
  }

  private String read(String image) throws IOException {
    try (InputStream in = images.read(image).open()) {
      return new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  private void refused(String image) {
    assertThatThrownBy(() -> images.read(image))
        .as(image)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(OUTSIDE)
        .hasMessageContaining(folder.toString());
    assertThat(images.has(image)).isFalse();
  }

  @Test
  void imagesOfTheFolderAreRead() throws IOException {
    assertThat(read(folder.resolve("a.png").toString())).isEqualTo("a");
    assertThat(read("a.png")).as("relative to the folder").isEqualTo("a");
    assertThat(read("summer/b.JPG")).isEqualTo("b");
    assertThat(read("summer/../a.png")).isEqualTo("a");
    assertThat(read(folder.resolve("a.png").toUri().toString())).isEqualTo("a");
    assertThat(read("again.png")).as("a link that stays inside").isEqualTo("a");
    assertThat(read("data:image/png;base64,ZA==")).isEqualTo("d");
    assertThat(images.has("a.png")).isTrue();
  }

  @Test
  void pathsOutsideAreRefused() {
    refused(secret.toString());
    refused(secret.toUri().toString());
    refused("/etc/passwd");
    refused("file:///etc/passwd");
    refused("../photos2/s.png");
    refused("summer/../../photos2/s.png");
    refused(folder.resolve("../photos2/s.png").toString());
    refused(folder.resolve("summer/../../photos2/s.png").toUri().toString());
    refused(folder + "2/s.png"); // begins with the same letters
  }

  @Test
  void linksOutOfTheFolderAreRefused() {
    refused("link.png");
    refused(folder.resolve("link.png").toString());
    refused("away/s.png");
    refused("away/../a.png/../../photos2/s.png");
  }

  /** Nothing can be learnt of what lies elsewhere. */
  @Test
  void whatIsThereAndWhatIsNotAreRefusedAlike() throws IOException {
    String there = "image (" + secret + ")";
    String absent = "image (" + secret.resolveSibling("none.png") + ")";
    assertThatThrownBy(() -> images.read(secret.toString())).hasMessageStartingWith(there);
    assertThatThrownBy(() -> images.read(secret.resolveSibling("none.png").toString()))
        .hasMessageStartingWith(absent)
        .hasMessageContaining(OUTSIDE);
    refused("away/none.png"); // a link leads out, whether or not to a file
    refused("away/none/none.png");
    Files.createSymbolicLink(folder.resolve("nowhere.png"), root.resolve("nowhere"));
    refused("nowhere.png");
  }

  @Test
  void whatIsNoFileIsNoImage() {
    for (String name : List.of("none.png", "summer", "summer/none.png")) {
      assertThatThrownBy(() -> images.read(name))
          .isInstanceOf(UnreadableImageException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("expected an image file");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://127.0.0.1/a.png",
        "https://example.org/a.png",
        "ftp://example.org/a.png",
        "jar:file:/a.jar!/a.png",
        "file:a.png",
        "file://elsewhere/a.png",
        "a\0.png",
        " ",
        ""
      })
  void otherNamesAreNone(String name) {
    assertThatThrownBy(() -> images.read(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must be a path, or a file: or data: URI");
  }

  @Test
  void aDataUriThatIsNoneIsNamedWithoutItsData() {
    assertThatThrownBy(() -> images.read("data:image/png;base64,????" + "A".repeat(1000)))
        .isInstanceOf(UnreadableImageException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
    assertThatThrownBy(() -> images.read("data:image/png;base64, A" + "A".repeat(1000)))
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300));
  }

  @Test
  void theFolderItselfMayBeALink() throws IOException {
    Path link = Files.createSymbolicLink(root.resolve("pictures"), folder);
    images = new AllowedImages(List.of(link, folder));
    assertThat(images.folders()).as("once").containsExactly(folder);
    assertThat(read("a.png")).isEqualTo("a");
    assertThat(read(link.resolve("a.png").toString())).isEqualTo("a");
  }

  @Test
  void severalFoldersAreSearchedInTurn() throws IOException {
    images = new AllowedImages(List.of(folder.resolve("summer"), secret.getParent()));
    assertThat(read("b.JPG")).isEqualTo("b");
    assertThat(read("s.png")).isEqualTo("s");
    assertThatThrownBy(() -> images.read("a.png")).isInstanceOf(UnreadableImageException.class);
    assertThatThrownBy(() -> images.read(folder.resolve("a.png").toString()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void withoutFoldersOnlyDataIsRead() throws IOException {
    images = new AllowedImages(List.of());
    assertThat(read("data:;base64,ZA==")).isEqualTo("d");
    assertThatThrownBy(() -> images.read("a.png")).hasMessageContaining("there is none");
  }

  @Test
  void foldersThatAreNoneAreRefused() {
    for (Path none : List.of(folder.resolve("a.png"), root.resolve("none"))) {
      assertThatThrownBy(() -> new AllowedImages(List.of(none)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(none + ": expected a folder");
    }
  }

  @Test
  void imagesAreListedWithoutLinks() {
    assertThat(images.list())
        .containsExactly(folder.resolve("a.png"), folder.resolve("summer/b.JPG"));
  }

  @Test
  void aFolderThatCannotBeOpenedIsPassedOver() throws IOException {
    try (TooDeep deep = new TooDeep(folder)) {
      Path reached = Files.writeString(deep.top().resolve("c.png"), "c");
      assertThat(images.list())
          .containsExactly(folder.resolve("a.png"), reached, folder.resolve("summer/b.JPG"));
    }
  }

  @Test
  void anAllowedFolderThatIsGoneIsNamed() throws IOException {
    images = new AllowedImages(List.of(secret.getParent()));
    Files.delete(secret);
    Files.delete(secret.getParent());
    assertThatThrownBy(() -> images.list())
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining(secret.getParent() + ": the folder cannot be read");
  }

  /** Something takes the place of what was found to lie within, before it is read. */
  private void assertNotFollowed(String image, String exchanged, Path elsewhere) {
    images =
        new AllowedImages(
            List.of(folder),
            () -> {
              try {
                Files.move(folder.resolve(exchanged), root.resolve("was " + exchanged));
                Files.createSymbolicLink(folder.resolve(exchanged), elsewhere);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    assertThatThrownBy(() -> images.read(image))
        .isInstanceOf(UnreadableImageException.class)
        .hasMessageContaining(image + ": cannot be read: ");
    refused(image);
  }

  @Test
  void aFolderThatBecomesALinkIsNotFollowed() throws IOException {
    Files.writeString(secret.resolveSibling("b.JPG"), "secret");
    assertNotFollowed("summer/b.JPG", "summer", requireNonNull(secret.getParent()));
  }

  @Test
  void aFileThatBecomesALinkIsNotFollowed() {
    assertNotFollowed("a.png", "a.png", secret);
  }
}
