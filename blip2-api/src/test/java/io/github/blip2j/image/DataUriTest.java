package io.github.blip2j.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.core.UnreadableImageException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DataUriTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "data:image/png;base64,AQL/|1 2 255",
        "data:;base64,AQI=|1 2",
        "data:;base64,AQI|1 2",
        "data:;base64,AQI%3D|1 2",
        "data:;base64,A%0D%0AQ%09I=%20%0a|1 2",
        "data:image/jpeg;name=a;BASE64,AQL%2f|1 2 255",
        "DATA:,%01%02%fF|1 2 255",
        "data:text/plain,a+b%20c,d|97 43 98 32 99 44 100",
        "data:,|''"
      })
  void bytesAreThoseOfTheUri(String uri, String bytes) throws IOException {
    ImageSource source = ImageSource.of(URI.create(uri));
    StringBuilder found = new StringBuilder();
    try (InputStream stream = source.open()) {
      for (byte b : stream.readAllBytes()) {
        found.append(found.isEmpty() ? "" : " ").append(b & 0xff);
      }
    }
    assertThat(found.toString()).isEqualTo(bytes);
    assertThat(source.name()).matches("data: URI of \\d+ bytes");
  }

  @Test
  void whatIsNoDataIsRefused() {
    for (String uri : List.of("data:image/png;base64", "data:;base64,A", "data:;base64,A*A=")) {
      assertThatExceptionOfType(UnreadableImageException.class)
          .isThrownBy(() -> ImageSource.of(URI.create(uri)))
          .withMessageStartingWith("data: URI: expected ");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageSource.of(URI.create("http://a/b.png")))
        .withMessage("http://a/b.png: expected the scheme file or data, found http");
  }
}
