package io.github.blip2j.spark;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.Blip2Exception;
import io.github.blip2j.core.CheckpointException;
import io.github.blip2j.generation.FinishReason;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationOptionsBuilder;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.EncodedImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.TaskKilledException;
import org.jspecify.annotations.Nullable;

/** Does a job for rows, a batch at a time. A row that fails has its error; the others go on. */
final class JobRunner {
  private final Job job;
  private final Blip2 blip2;

  /**
   * What came of a row.
   *
   * @param value or null if it failed
   * @param error or null if it did not
   * @param tokens that were written
   */
  record Outcome(@Nullable Object value, @Nullable String error, int tokens) {
    static Outcome failed(Exception e) {
      String message = e.getMessage();
      return new Outcome(null, message == null ? e.toString() : message, 0);
    }
  }

  JobRunner(Job job) {
    this.job = job;
    this.blip2 = ExecutorModels.model(job.model());
  }

  /**
   * Outcomes, one a row, in their order.
   *
   * @throws TaskKilledException if the task is to stop. What was under way is cut short then: texts
   *     without their ends, and rows with errors that are none of theirs
   */
  List<Outcome> run(List<ImageRow> rows) {
    List<Outcome> outcomes = new ArrayList<>();
    List<GenerationRequest> requests = new ArrayList<>();
    List<Integer> places = new ArrayList<>();
    for (ImageRow row : rows) {
      requireGoingOn();
      outcomes.add(
          guarded(
              () -> {
                if (job.task().needsText() && row.text().isBlank()) {
                  throw new IllegalArgumentException("text: expected one, found none");
                }
                EncodedImage image = blip2.encode(row.source());
                if (job.task() == Job.Task.CAPTION || job.task() == Job.Task.ANSWER) {
                  requests.add(request(row, image));
                  places.add(outcomes.size());
                  return new Outcome(null, null, 0);
                }
                return new Outcome(looked(row, image), null, 0);
              }));
    }
    List<Outcome> texts = write(requests);
    requireGoingOn();
    for (int i = 0; i < places.size(); i++) {
      outcomes.set(places.get(i), texts.get(i));
    }
    return outcomes;
  }

  private static void requireGoingOn() {
    TaskContext task = TaskContext.get(); // knows of a kill that interrupts nothing
    if (Thread.currentThread().isInterrupted() || task != null && task.isInterrupted()) {
      throw stopped();
    }
  }

  private static TaskKilledException stopped() {
    return new TaskKilledException("stopped before its rows were done");
  }

  /** Something that can fail for one row alone. */
  private interface Work {
    Outcome run() throws IOException;
  }

  private static Outcome guarded(Work work) {
    try {
      return work.run();
    } catch (IOException | Blip2Exception | IllegalArgumentException e) {
      return Outcome.failed(e);
    }
  }

  private Object looked(ImageRow row, EncodedImage image) {
    return switch (job.task()) {
      case EMBED -> withVectors(image).meanEmbedding();
      case FEATURES -> withVectors(image).projected();
      case MATCH -> blip2.matcher().probabilities(image, List.of(row.text()))[0];
      case CAPTION, ANSWER -> throw new IllegalStateException("written in batches");
    };
  }

  private static EncodedImage withVectors(EncodedImage image) {
    if (image.projected().length == 0) {
      throw new CheckpointException(
          "expected a checkpoint whose Q-Former reads images alone, found one that reads them"
              + " together with an instruction (InstructBLIP): an image has no vectors of its own");
    }
    return image;
  }

  private GenerationRequest request(ImageRow row, EncodedImage image) {
    String prompt = row.text().isEmpty() ? null : row.text();
    if (job.task() == Job.Task.ANSWER) {
      String template = blip2.vqa().template();
      int hole = template.indexOf("{}");
      prompt = template.substring(0, hole) + row.text() + template.substring(hole + 2);
    }
    GenerationOptionsBuilder options = GenerationOptions.builder().maxNewTokens(job.maxNewTokens());
    if (job.temperature() > 0) {
      options.doSample(true).temperature(job.temperature()).topK(0).seed(row.seed(job.seed()));
    }
    return new GenerationRequest(image, prompt, options.build());
  }

  /** Together; if that fails, one by one, so that only those fail that must. */
  private List<Outcome> write(List<GenerationRequest> requests) {
    try {
      return blip2.generate(requests).stream().map(texts -> outcome(texts.get(0))).toList();
    } catch (Blip2Exception | IllegalArgumentException e) {
      return requests.stream().map(one -> guarded(() -> alone(one))).toList();
    }
  }

  private Outcome alone(GenerationRequest request) {
    requireGoingOn();
    return outcome(blip2.generate(List.of(request)).get(0).get(0));
  }

  private static Outcome outcome(GeneratedText text) {
    if (text.finishReason() == FinishReason.CANCELLED) { // nobody else can have done it
      throw stopped();
    }
    return new Outcome(text.text(), null, text.tokenIds().size());
  }
}
