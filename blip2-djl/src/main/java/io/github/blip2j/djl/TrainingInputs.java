package io.github.blip2j.djl;

import io.github.blip2j.family.LanguageProgram;
import io.github.blip2j.family.ModelProgram;
import io.github.blip2j.spi.TrainingBatch;
import io.github.blip2j.spi.TrainingRequest;
import io.github.blip2j.stage.Axis;
import io.github.blip2j.stage.HostTensor;
import io.github.blip2j.stage.Stage;
import io.github.blip2j.stage.StepPlan;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What a loss is given of a batch: rows padded at their ends, each row's answer as labels of the
 * vectors in front of its tokens.
 */
final class TrainingInputs {
  private static final float HIDDEN = -1e9f;

  private final ModelProgram program;
  private final LanguageProgram language;
  private final TrainingRequest.Input given;
  private final TrainingBatch batch;
  private final List<HostTensor> tensors = new ArrayList<>();

  private TrainingInputs(TrainingRequest request, TrainingBatch batch) {
    this.program = request.model().program();
    this.language = program.language();
    this.given = request.input();
    this.batch = batch;
  }

  /**
   * All arguments of the loss behind its weights and in front of {@code share}, in their order.
   *
   * @throws IllegalArgumentException if the batch does not fit the model
   */
  static List<HostTensor> of(TrainingRequest request, TrainingBatch batch) {
    TrainingInputs inputs = new TrainingInputs(request, batch);
    inputs.images();
    if (language(request).encoder().isPresent()) {
      inputs.encoderAndDecoder();
    } else {
      inputs.decoderAlone();
    }
    return inputs.tensors;
  }

  /**
   * Demands that a text has room: batches are padded to their longest, so alone as in any of them.
   *
   * @throws IllegalArgumentException if it does not
   */
  static void requireFits(TrainingRequest request, int[] prompt, int[] answer) {
    LanguageProgram language = language(request);
    int vocabulary = language.config().vocabularySize();
    IntStream.concat(Arrays.stream(prompt), Arrays.stream(answer))
        .forEach(id -> requireId(id, vocabulary));
    int most = language.config().maxPositions();
    int read = features(request.model().program()) + prompt.length;
    if (language.encoder().isPresent()) {
      requireRoom(read, most);
      requireRoom(answer.length, most);
    } else {
      requireRoom(read + answer.length - 1, most);
    }
  }

  private static int features(ModelProgram program) {
    return program.qformer().outputs().get(1).axes().get(1).size();
  }

  private static LanguageProgram language(TrainingRequest request) {
    return request.model().program().language();
  }

  private void images() {
    Stage qformer = program.qformer();
    List<Axis> axes =
        given == TrainingRequest.Input.PATCHES
            ? qformer.inputs().get(0).axes()
            : qformer.outputs().get(1).axes();
    int rows = batch.rows();
    int vectors = axes.get(1).size();
    int width = axes.get(2).size();
    if (batch.images().length != rows * vectors * width) {
      throw new IllegalArgumentException(
          given
              + " of "
              + rows
              + " images: expected "
              + rows
              + "x"
              + vectors
              + "x"
              + width
              + " numbers, found "
              + batch.images().length);
    }
    tensors.add(new HostTensor.Floats(batch.images(), rows, vectors, width));
  }

  /** One row is features, prompt, answer; the answer's last token predicts nothing. */
  private void decoderAlone() {
    int features = features(program);
    int[][] texts = new int[batch.rows()][];
    int[] from = new int[texts.length];
    for (int row = 0; row < texts.length; row++) {
      int[] prompt = batch.prompts()[row];
      int[] answer = batch.answers()[row];
      texts[row] = Arrays.copyOf(prompt, prompt.length + answer.length - 1);
      System.arraycopy(answer, 0, texts[row], prompt.length, answer.length - 1);
      from[row] = features + prompt.length - 1;
    }
    StepPlan plan = plan(features, texts, from);
    add(language.decoder(), language.decoderInputs(plan, nothing(features)));
    finish(plan);
  }

  private void encoderAndDecoder() {
    int features = features(program);
    StepPlan read = plan(features, batch.prompts(), new int[batch.rows()]);
    add(language.encoder().orElseThrow(), language.encoderInputs(read, nothing(features)));
    tensors.add(new HostTensor.Floats(padding(read), batch.rows(), 1, 1, read.span()));
    int[][] texts = new int[batch.rows()][];
    for (int row = 0; row < texts.length; row++) {
      int[] answer = batch.answers()[row];
      texts[row] = new int[answer.length];
      texts[row][0] = language.config().decoderStartToken();
      System.arraycopy(answer, 0, texts[row], 1, answer.length - 1);
    }
    StepPlan plan = plan(0, texts, new int[batch.rows()]);
    add(language.decoder(), language.decoderInputs(plan, new float[0]));
    finish(plan);
  }

  private float[] nothing(int features) {
    return new float[batch.rows() * features * language.config().hiddenSize()];
  }

  /** All but the features, which are computed or have been added. */
  private void add(Stage stage, Map<String, HostTensor> values) {
    for (Stage.Input input : stage.inputs()) {
      if (!input.name().equals(LanguageProgram.FEATURES)) {
        tensors.add(Objects.requireNonNull(values.get(input.name()), input.name()));
      }
    }
  }

  private void finish(StepPlan plan) {
    tensors.add(new HostTensor.Integers(plan.logitRows(), plan.logitRows().length));
    long[] labels =
        Arrays.stream(batch.answers()).flatMapToInt(Arrays::stream).asLongStream().toArray();
    tensors.add(new HostTensor.Integers(labels, labels.length));
  }

  /**
   * Rows of unequal texts.
   *
   * @param from of each row the vector that the answer's first token is predicted from
   */
  private StepPlan plan(int features, int[][] texts, int[] from) {
    int width = Arrays.stream(texts).mapToInt(t -> t.length).max().orElse(0);
    int span = features + width;
    requireRoom(span, language.config().maxPositions());
    long[] ids = new long[texts.length * width];
    Arrays.fill(ids, language.config().padToken());
    long[] positions = new long[texts.length * span];
    int[] lengths = new int[texts.length];
    long[] asked = new long[batch.tokens()];
    int at = 0;
    for (int row = 0; row < texts.length; row++) {
      for (int i = 0; i < texts[row].length; i++) {
        ids[row * width + i] = requireId(texts[row][i], language.config().vocabularySize());
      }
      for (int i = 0; i < span; i++) {
        positions[row * span + i] = i;
      }
      lengths[row] = features + texts[row].length;
      for (int i = 0; i < batch.answers()[row].length; i++) {
        asked[at++] = (long) row * span + from[row] + i;
      }
    }
    return new StepPlan(features, width, ids, positions, lengths, asked, span, false);
  }

  private static int requireId(int id, int vocabulary) {
    if (id < 0 || id >= vocabulary) {
      throw new IllegalArgumentException("id (" + id + ") must be 0 to " + (vocabulary - 1));
    }
    return id;
  }

  private static void requireRoom(int span, int most) {
    if (span > most) {
      throw new IllegalArgumentException(
          "positions of image features and text ("
              + span
              + ") must be at most "
              + most
              + ": shorten the texts");
    }
  }

  private static float[] padding(StepPlan read) {
    float[] bias = new float[read.rows() * read.span()];
    for (int row = 0; row < read.rows(); row++) {
      int from = row * read.span();
      Arrays.fill(bias, from + read.sequenceLengths()[row], from + read.span(), HIDDEN);
    }
    return bias;
  }
}
