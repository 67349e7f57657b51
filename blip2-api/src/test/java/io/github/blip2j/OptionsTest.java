package io.github.blip2j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.chat.ChatOptions;
import io.github.blip2j.chat.ContextPolicy;
import io.github.blip2j.core.Device;
import io.github.blip2j.generation.EarlyStopping;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.ScoreProcessor;
import io.github.blip2j.image.ImageOptions;
import io.github.blip2j.image.ImageSource;
import java.awt.image.BufferedImage;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Options and requests are values: equal where all is equal, and readable. */
class OptionsTest {
  /** Values that each differ from the default and are allowed alone, in two variants. */
  private static List<Object> samples(Class<?> type, String option) {
    if (type == int.class) {
      return option.equals("numReturnSequences") ? List.of(1, 1) : List.of(3, 4);
    }
    if (type == double.class) {
      return List.of(0.25, 0.5);
    }
    if (type == long.class) {
      return List.of(7L, 8L);
    }
    if (type == boolean.class) {
      return List.of(true);
    }
    if (type == EarlyStopping.class) {
      return List.of(EarlyStopping.TRUE, EarlyStopping.NEVER);
    }
    if (type == Duration.class) {
      return List.of(Duration.ofSeconds(3), Duration.ofSeconds(4));
    }
    return switch (option) {
      case "stopStrings" -> List.of(List.of("."), List.of(";"));
      case "scoreProcessors" ->
          List.of(List.<ScoreProcessor>of((t, s) -> {}), List.<ScoreProcessor>of((t, s) -> {}));
      default -> List.of(List.of(List.of(1, 2)), List.of(List.of(1), List.of(2)));
    };
  }

  private static List<Method> options() {
    return Arrays.stream(GenerationOptionsBuilder.class.getMethods())
        .filter(m -> m.getReturnType() == GenerationOptionsBuilder.class)
        .filter(m -> m.getParameterCount() == 1)
        .toList();
  }

  /** Whoever adds an option and leaves it out of equality is told here. */
  @Test
  void everyOptionCounts() throws ReflectiveOperationException {
    List<Method> options = options();
    assertThat(options).hasSizeGreaterThan(20);
    Set<GenerationOptions> all = new HashSet<>(Set.of(GenerationOptions.defaults()));
    int made = 1;
    for (Method option : options) {
      for (Object value : new HashSet<>(samples(option.getParameterTypes()[0], option.getName()))) {
        if (option.getName().equals("numReturnSequences")) {
          continue; // cannot change alone; below
        }
        GenerationOptions once = with(option, value);
        assertThat(once).as("%s", option).isNotEqualTo(GenerationOptions.defaults());
        assertThat(with(option, value)).isEqualTo(once).hasSameHashCodeAs(once);
        assertThat(once.toBuilder().build()).isEqualTo(once);
        assertThat(once.toString()).startsWith("GenerationOptions[").isNotEqualTo("[defaults]");
        all.add(once);
        made++;
      }
    }
    GenerationOptions two =
        GenerationOptions.builder().doSample(true).numReturnSequences(2).build();
    assertThat(two).isNotEqualTo(GenerationOptions.builder().doSample(true).build());
    assertThat(two).hasToString("GenerationOptions[numReturnSequences=2, doSample=true]");
    assertThat(all).hasSize(made);
  }

  private static GenerationOptions with(Method option, Object value)
      throws ReflectiveOperationException {
    GenerationOptionsBuilder builder = GenerationOptions.builder();
    option.invoke(builder, value);
    return builder.build();
  }

  @Test
  void textsShowWhatDiffers() {
    assertThat(GenerationOptions.defaults()).hasToString("GenerationOptions[defaults]");
    GenerationOptionsBuilder builder =
        GenerationOptions.builder()
            .maxNewTokens(40)
            .numBeams(5)
            .seed(7)
            .maxTime(Duration.ofMillis(1500));
    String changed = "[maxNewTokens=40, numBeams=5, seed=7, maxTime=PT1.5S]";
    assertThat(builder).hasToString("GenerationOptionsBuilder" + changed);
    assertThat(builder.build()).hasToString("GenerationOptions" + changed);
    assertThat(ImageOptions.defaults()).hasToString("ImageOptions[defaults]");
    assertThat(ImageOptions.defaults().withExifOrientation(true))
        .hasToString("ImageOptions[applyExifOrientation=true]");
    assertThat(ChatOptions.defaults()).hasToString("ChatOptions[defaults]");
    ChatOptions chat =
        ChatOptions.defaults()
            .withGeneration(GenerationOptions.defaults().withMaxNewTokens(9))
            .withContext(99, ContextPolicy.DROP_OLDEST);
    assertThat(chat)
        .hasToString(
            "ChatOptions[generation=GenerationOptions[maxNewTokens=9], contextLimit=99,"
                + " policy=DROP_OLDEST]");
  }

  @Test
  void longListsAreCutInTexts() {
    List<List<Integer>> many = new ArrayList<>();
    IntStream.range(0, 10_000).forEach(i -> many.add(List.of(i)));
    GenerationOptions options = GenerationOptions.builder().choices(many).build();
    assertThat(options)
        .hasToString(
            "GenerationOptions[choices=[[0], [1], [2], [3], [4], [5], [6], [7], and 9992 more]]");
    assertThat(options).isNotEqualTo(options.toBuilder().choices(many.subList(1, 9999)).build());
  }

  @Test
  void builtOptionsOutliveTheirBuilder() {
    GenerationOptionsBuilder builder = GenerationOptions.builder().maxNewTokens(5);
    GenerationOptions five = builder.build();
    builder.maxNewTokens(6);
    assertThat(five).isEqualTo(GenerationOptions.defaults().withMaxNewTokens(5));
    assertThat(five).isNotEqualTo(builder.build()).isNotEqualTo(null).isNotEqualTo("five");
  }

  @Test
  void otherOptionsAreEqualByTheirValues() {
    assertThat(ImageOptions.defaults().withMaxPixels(9))
        .isEqualTo(ImageOptions.defaults().withMaxPixels(9))
        .isNotEqualTo(ImageOptions.defaults());
    GenerationOptions nine = GenerationOptions.defaults().withMaxNewTokens(9);
    GenerationOptions again = GenerationOptions.defaults().withMaxNewTokens(9);
    assertThat(ChatOptions.defaults().withGeneration(nine))
        .isEqualTo(ChatOptions.defaults().withGeneration(again))
        .hasSameHashCodeAs(ChatOptions.defaults().withGeneration(again))
        .isNotEqualTo(ChatOptions.defaults());
  }

  @Test
  void requestsAreEqualIfTheyAskTheSameOfTheSameImage() {
    GenerationOptions options = GenerationOptions.defaults();
    Path file = Path.of("photo.jpg");
    GenerationRequest request = new GenerationRequest(ImageSource.of(file), "a photo of", options);
    assertThat(new GenerationRequest(ImageSource.of(file), "a photo of", options))
        .isEqualTo(request)
        .hasSameHashCodeAs(request);
    assertThat(new GenerationRequest(ImageSource.of(file), null, options)).isNotEqualTo(request);
    assertThat(request).hasToString("GenerationRequest[image=photo.jpg, prompt=\"a photo of\"]");
    byte[] bytes = new byte[5000];
    bytes[4000] = 42;
    GenerationRequest held =
        new GenerationRequest(ImageSource.of(bytes), null, options.withMaxNewTokens(3));
    assertThat(held)
        .isEqualTo(
            new GenerationRequest(
                ImageSource.of(bytes.clone()), null, options.withMaxNewTokens(3)));
    assertThat(held.toString())
        .contains("5000 bytes", "options=GenerationOptions[maxNewTokens=3]")
        .doesNotContain("42")
        .hasSizeLessThan(120);
  }

  @Test
  void sourcesAreEqualIfTheyHoldTheSame() {
    byte[] bytes = new byte[1000];
    ImageSource source = ImageSource.of(bytes);
    assertThat(ImageSource.of(bytes)).isEqualTo(source).hasSameHashCodeAs(source);
    bytes[10] = 1;
    assertThat(ImageSource.of(bytes)).isNotEqualTo(source);
    assertThat(ImageSource.of(new byte[999])).isNotEqualTo(source);
    assertThat(ImageSource.of(Path.of("a"))).isNotEqualTo(source);
    assertThat(ImageSource.of(Path.of("a"))).isNotEqualTo(ImageSource.of(Path.of("b")));
    BufferedImage decoded = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
    assertThat(ImageSource.of(decoded)).isEqualTo(ImageSource.of(decoded));
    assertThat(ImageSource.of(decoded))
        .isNotEqualTo(ImageSource.of(new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB)));
  }

  @Test
  void cudaDevicesAreNumbered() {
    assertThat(Device.cuda(0)).isEqualTo(Device.parse("cuda")).hasToString("cuda:0");
    assertThat(Device.cuda(3)).isEqualTo(Device.parse("cuda:3"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Device.cuda(-1))
        .withMessageContaining("-1");
  }
}
