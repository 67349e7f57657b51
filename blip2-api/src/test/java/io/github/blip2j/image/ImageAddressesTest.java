package io.github.blip2j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.blip2j.core.UnreadableImageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageAddressesTest {
  private static final URI WEB = URI.create("https://example.org/dog.jpg");

  @TempDir Path folder;

  private Path file(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.write(file, new byte[] {1, 2, 3});
  }

  @Test
  void dataIsAlwaysFollowed() {
    URI data = URI.create("data:image/png;base64,AQID");
    assertThat(ImageAddresses.dataOnly().image(data))
        .isEqualTo(ImageSource.of(new byte[] {1, 2, 3}));
  }

  @Test
  void nothingElseIsUnlessItWasSaid() throws IOException {
    Path file = file("dog.png");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageAddresses.dataOnly().image(file.toUri()))
        .withMessageContaining("not supported")
        .withMessageContaining("withFilesIn");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageAddresses.dataOnly().withFilesIn(folder).image(WEB))
        .withMessageContaining("https://example.org/dog.jpg")
        .withMessageContaining("withOthers");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageAddresses.dataOnly().withOthers(u -> null).image(file.toUri()))
        .withMessageContaining("withFilesIn");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageAddresses.dataOnly().image(URI.create("dog.png")));
  }

  @Test
  void filesAreThoseWithinTheFolder() throws IOException {
    Path inside = file("images/sub/dog.png");
    Path outside = file("secret.png");
    ImageAddresses images = ImageAddresses.dataOnly().withFilesIn(folder.resolve("images"));
    assertThat(images.image(inside.toUri())).isEqualTo(ImageSource.of(inside.toRealPath()));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> images.image(outside.toUri()))
        .withMessageContaining("outside");
    URI climbing = URI.create(folder.resolve("images").toUri() + "../secret.png");
    assertThatIllegalArgumentException().isThrownBy(() -> images.image(climbing));
    Path link = Files.createSymbolicLink(folder.resolve("images/link.png"), outside);
    assertThatIllegalArgumentException().isThrownBy(() -> images.image(link.toUri()));
    assertThatThrownBy(() -> images.image(folder.resolve("images/none.png").toUri()))
        .isInstanceOf(UnreadableImageException.class);
  }

  /** Neither what an address outside names, nor what a link leads to, is told. */
  @Test
  void whatIsThereAndWhatIsNotAreRefusedAlike() throws IOException {
    file("images/dog.png");
    Path secret = file("away/secret.png");
    ImageAddresses images = ImageAddresses.dataOnly().withFilesIn(folder.resolve("images"));
    Files.createSymbolicLink(folder.resolve("images/away"), folder.resolve("away"));
    Files.createSymbolicLink(folder.resolve("images/nowhere.png"), folder.resolve("nowhere.png"));
    for (Path path :
        List.of(
            secret,
            secret.resolveSibling("none.png"),
            folder.resolve("none/none.png"),
            folder.resolve("images/away/secret.png"),
            folder.resolve("images/away/none.png"),
            folder.resolve("images/away/none/none.png"),
            folder.resolve("images/nowhere.png"))) {
      URI address = path.toUri();
      assertThatIllegalArgumentException()
          .isThrownBy(() -> images.image(address))
          .withMessage(
              address
                  + (": expected a file within " + folder.resolve("images"))
                  + ", found a path outside");
    }
    assertThatThrownBy(() -> images.image(folder.resolve("images/none/none.png").toUri()))
        .isInstanceOf(UnreadableImageException.class);
  }

  @Test
  void theFolderMayBeNamedByALink() throws IOException {
    Path dog = file("images/dog.png");
    Path link = Files.createSymbolicLink(folder.resolve("link"), folder.resolve("images"));
    ImageAddresses images = ImageAddresses.dataOnly().withFilesIn(link);
    ImageSource expected = ImageSource.of(dog.toRealPath());
    assertThat(images.image(link.resolve("dog.png").toUri())).isEqualTo(expected);
    assertThat(images.image(dog.toRealPath().toUri())).isEqualTo(expected);
    URI here = URI.create(link.toUri().toString().replace("///", "//LocalHost/") + "dog.png");
    assertThat(images.image(here)).isEqualTo(expected);
  }

  /** Windows would open them over the network before anything is compared. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "file://host/share/x.png",
        "file://127.0.0.1/share/x.png",
        "file://user@localhost/x.png",
        "file://localhost:445/x.png"
      })
  void filesOfOtherHostsAreNone(String address) {
    URI share = URI.create(address);
    ImageAddresses images = ImageAddresses.dataOnly().withFilesIn(folder);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> images.image(share))
        .withMessageContaining("expected a file of this machine");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageSource.of(share))
        .withMessageContaining("expected a file of this machine");
  }

  /** Elsewhere they are files like others, and an address of four slashes is a common slip. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "file:////host/share/x.png",
        "file://localhost//host/share/x.png",
        "file:///%2Fhost/share/x.png",
        "file:///%5Chost/share/x.png",
        "file:/%5c%5chost/share/x.png"
      })
  void twoSlashesNameAHostOnWindows(String address) {
    URI share = URI.create(address);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FileUri.path(share, '\\'))
        .withMessageContaining("expected a file of this machine");
    assertThat(FileUri.path(share, '/').getFileName()).hasToString("x.png");
  }

  /** Whatever the address is spelled like, what counts is where it leads. */
  @Test
  void aFileMayBeNamedByAnotherLinkToTheFolder() throws IOException {
    Path dog = file("images/dog.png");
    Path link = Files.createSymbolicLink(folder.resolve("another"), folder.resolve("images"));
    ImageAddresses images = ImageAddresses.dataOnly().withFilesIn(folder.resolve("images"));
    assertThat(images.image(link.resolve("dog.png").toUri()))
        .isEqualTo(ImageSource.of(dog.toRealPath()));
  }

  @Test
  void otherSchemesAreReadAsTheCallerKnows() {
    List<URI> asked = new ArrayList<>();
    ImageSource found = ImageSource.of(new byte[] {7});
    ImageAddresses images =
        ImageAddresses.dataOnly()
            .withOthers(
                address -> {
                  asked.add(address);
                  return found;
                });
    assertThat(images.image(WEB)).isSameAs(found);
    assertThat(asked).containsExactly(WEB);
  }
}
