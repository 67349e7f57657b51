package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which images folders and patterns stand for, and which share each belongs to. */
class ImageFilesTest {
  @TempDir Path folder;

  @BeforeEach
  void files() throws IOException {
    for (String name :
        List.of(
            "b.jpg",
            "a.PNG",
            "notes.txt",
            ".hidden.jpg",
            "sub/c.webp",
            "sub/deep/d.tiff",
            ".git/e.png",
            "sub/f.jpg")) {
      Path file = folder.resolve(name);
      Files.createDirectories(file.getParent());
      Files.write(file, new byte[0]);
    }
  }

  private List<String> found(String... arguments) {
    List<String> names = ImageFiles.of(Arrays.asList(arguments)).names();
    return names.stream().map(n -> n.replace(folder + "/", "")).toList();
  }

  @Test
  void aFolderStandsForTheImagesBelowItInTheOrderOfTheirPaths() {
    assertThat(found(folder.toString()))
        .containsExactly("a.PNG", "b.jpg", "sub/c.webp", "sub/deep/d.tiff", "sub/f.jpg");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "*.jpg | b.jpg",
        "**/*.jpg | b.jpg, sub/f.jpg",
        "sub/*.{jpg,webp} | sub/c.webp, sub/f.jpg",
        "*/?.jpg | sub/f.jpg",
        "sub/**/d.* | sub/deep/d.tiff",
        "notes.[a-z]xt | notes.txt"
      })
  void patternsAreThoseOfAShell(String pattern, String expected) {
    assertThat(found(folder.resolve(pattern).toString()))
        .containsExactly(expected.strip().split(", "));
  }

  @Test
  void whateverElseIsNamedIsTakenAsItIs() {
    assertThat(found("none.png", "-", "-", "data:,x", folder.resolve("notes.txt").toString()))
        .containsExactly("none.png", "-", "-", "data:,x", "notes.txt");
  }

  /** A file may have a name that looks like a pattern. */
  @Test
  void aFileThatIsThereIsNoPattern() throws IOException {
    Path odd = Files.write(folder.resolve("[1].jpg"), new byte[0]);
    assertThat(found(odd.toString())).containsExactly("[1].jpg");
  }

  @ParameterizedTest
  @ValueSource(strings = {"empty", "empty/*.png", "none/*.png", "{a,b"})
  void nothingFoundIsAFault(String name) throws IOException {
    Files.createDirectories(folder.resolve("empty"));
    String argument = folder.resolve(name).toString();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageFiles.of(List.of(argument)))
        .withMessageStartingWith(argument + ": expected ")
        .withMessageContaining("found");
  }

  @Test
  void linksAreFollowedButNotInCircles() throws IOException {
    Files.createSymbolicLink(folder.resolve("sub/deep/up"), folder);
    Path elsewhere = Files.createDirectories(folder.resolve(".elsewhere"));
    Files.write(elsewhere.resolve("g.gif"), new byte[0]);
    Files.createSymbolicLink(folder.resolve("linked"), elsewhere);
    assertThat(found(folder.toString())).contains("linked/g.gif").hasSize(6);
  }

  @Test
  void inSharesEachNameIsOnce() {
    String file = folder.resolve("b.jpg").toString();
    ImageFiles files = ImageFiles.of(List.of(file, folder.toString(), file));
    assertThat(files.names()).hasSize(7);
    assertThat(files.names(Shard.WHOLE)).hasSize(5).doesNotHaveDuplicates();
  }

  /** Shares are complete, disjoint, of about one size, and the same wherever the folder lies. */
  @Test
  void sharesAreStable() throws IOException {
    List<List<String>> first = shares("one/place", 200);
    List<List<String>> second = shares("another", 300);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      assertThat(first.get(i)).hasSizeBetween(30, 70);
      assertThat(second.get(i)).containsAll(first.get(i));
      all.addAll(first.get(i));
    }
    assertThat(all).hasSize(200).doesNotHaveDuplicates();
  }

  private List<List<String>> shares(String place, int count) throws IOException {
    Path root = Files.createDirectories(folder.resolve(place));
    for (int i = 0; i < count; i++) {
      Files.write(root.resolve("image-" + i + ".jpg"), new byte[0]);
    }
    ImageFiles files = ImageFiles.of(List.of(root.toString()));
    return IntStream.rangeClosed(1, 4)
        .mapToObj(i -> files.names(Shard.parse(i + "/4")))
        .map(names -> names.stream().map(n -> Path.of(n).getFileName().toString()).toList())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/2", "3/2", "1", "1/", "a/b", "-1/2", "1/0", "1/9999999"})
  void aShareIsOneOfSeveral(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Shard.parse(text))
        .withMessage("--shard: expected i/n with i from 1 to n, such as 2/4, found " + text);
  }
}
