package io.github.blip2j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.github.blip2j.generation.EarlyStopping;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationPreset;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;

/** What is typed becomes the option of that name; what is not, the preset's. */
class GenerationArgumentsTest {
  private static GenerationArguments parsed(String... arguments) {
    GenerationArguments found = new GenerationArguments();
    new CommandLine(CommandLine.Model.CommandSpec.forAnnotatedObject(found)).parseArgs(arguments);
    return found;
  }

  private static GenerationOptions options(String arguments) {
    return parsed(arguments.split(" ")).options();
  }

  @Test
  void nothingIsTheReference() {
    assertThat(parsed().options()).isEqualTo(GenerationOptions.defaults());
  }

  @ParameterizedTest
  @EnumSource(GenerationPreset.class)
  void aPresetAloneIsThatPreset(GenerationPreset preset) {
    GenerationArguments found = parsed("--preset", preset.label());
    assertThat(found.preset()).isEqualTo(preset);
    assertThat(found.options()).isEqualTo(preset.options());
  }

  /** Every option by itself: it, and nothing else, differs from the defaults. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--max-new-tokens 33|GenerationOptions[maxNewTokens=33]",
        "--min-new-tokens 3|GenerationOptions[minNewTokens=3]",
        "--max-length 70|GenerationOptions[maxLength=70]",
        "--min-length 9|GenerationOptions[minLength=9]",
        "--num-beams 4|GenerationOptions[numBeams=4]",
        "--length-penalty -0.5|GenerationOptions[lengthPenalty=-0.5]",
        "--early-stopping never|GenerationOptions[earlyStopping=NEVER]",
        "--do-sample|GenerationOptions[doSample=true]",
        "--temperature 0.7|GenerationOptions[temperature=0.7]",
        "--top-k 7|GenerationOptions[topK=7]",
        "--top-p 0.9|GenerationOptions[topP=0.9]",
        "--min-p 0.1|GenerationOptions[minP=0.1]",
        "--typical-p 0.6|GenerationOptions[typicalP=0.6]",
        "--seed -5|GenerationOptions[seed=-5]",
        "--repetition-penalty 1.2|GenerationOptions[repetitionPenalty=1.2]",
        "--no-repeat-ngram-size 3|GenerationOptions[noRepeatNgramSize=3]",
        "--max-time 1.5|GenerationOptions[maxTime=PT1.5S]",
        "--stop-strings . --stop !|GenerationOptions[stopStrings=[., !]]"
      })
  void eachOptionIsTheOneOfItsName(String arguments, String expected) {
    assertThat(options(arguments)).hasToString(expected);
  }

  @Test
  void whatIsTypedTakesPrecedenceOverThePreset() {
    GenerationOptions found =
        options("--preset coco-caption --num-beams 2 --early-stopping true --max-new-tokens 9");
    assertThat(found)
        .isEqualTo(
            GenerationPreset.COCO_CAPTION.options().toBuilder()
                .numBeams(2)
                .earlyStopping(EarlyStopping.TRUE)
                .maxNewTokens(9)
                .build());
  }

  /** In whatever order they are typed. */
  @Test
  void newTokensTakePrecedenceOverLengths() {
    for (String arguments :
        List.of("--max-length 60 --max-new-tokens 7", "--max-new-tokens 7 --max-length 60")) {
      assertThat(options(arguments).maxLength()).isEmpty();
      assertThat(options(arguments).maxNewTokens()).isEqualTo(7);
    }
    assertThat(options("--min-new-tokens 2 --min-length 30").minLength()).isEmpty();
  }

  @Test
  void aPresetsPromptIsForCaptionsOrForQuestions() {
    GenerationArguments caption = parsed("--preset", "coco-caption");
    assertThat(caption.captionPrompt()).isEqualTo("a photo of");
    assertThat(caption.presetTemplate()).isNull();
    GenerationArguments question = parsed("--preset", "instructblip-vqa");
    assertThat(question.captionPrompt()).isNull();
    assertThat(question.presetTemplate()).isEqualTo("Question: {} Short Answer:");
    assertThat(parsed().captionPrompt()).isNull();
    assertThat(parsed().presetTemplate()).isNull();
  }

  @Test
  void aTextThatIsStreamedIsOne() {
    assertThat(parsed("--top-k", "3").oneText("a stream").topK()).isEqualTo(3);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parsed("--num-beams", "2").oneText("a stream"))
        .withMessage("num_beams (2) and num_return_sequences (1) must be 1 for a stream");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parsed("--do-sample", "--num-return-sequences", "3").oneText("a stream"))
        .withMessage("num_beams (1) and num_return_sequences (3) must be 1 for a stream");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--preset nothing|preset (nothing) must be one of",
        "--early-stopping maybe|early_stopping (maybe) must be true, false or never",
        "--max-time 0|max_time (PT0S) must be above 0",
        "--max-time -1|must be above 0",
        "--max-time NaN|must be above 0",
        "--num-return-sequences 2|num_return_sequences (2) must be at most num_beams (1)"
      })
  void valuesOutOfRangeAreNamed(String arguments, String message) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> options(arguments))
        .withMessageContaining(message);
  }

  @Test
  void secondsHaveFractions() {
    assertThat(GenerationArguments.seconds(0.001)).isEqualTo(Duration.ofMillis(1));
    assertThat(GenerationArguments.seconds(3600)).isEqualTo(Duration.ofHours(1));
    assertThat(GenerationArguments.seconds(1e300)).as("as long as there is").isPositive();
  }
}
