package io.github.blip2j.cli;

import io.github.blip2j.Blip2;
import io.github.blip2j.core.UnreadableImageException;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.image.ImageInput;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Texts about many images, in batches, noted in a journal as they come. For one thread.
 *
 * @param file where they go when all are there
 * @param images names of all images
 * @param batch most images that are computed together
 */
record FolderRun(ResultFile file, List<String> images, int batch) {
  private static final int REASONS = 50; // of failures that are listed

  /**
   * What is asked of the model.
   *
   * @param blip2 the model
   * @param requests makes the requests about one image
   * @param inputs finds images
   */
  record Work(Blip2 blip2, Requests requests, Inputs inputs) {}

  /** The requests about one image, in the order of their results. */
  interface Requests {
    List<Named> of(ImageInput image);
  }

  /** A request and what results call its prompt. */
  record Named(@org.jspecify.annotations.Nullable String prompt, GenerationRequest request) {}

  /**
   * Does what is not done yet, and writes the file.
   *
   * @param journal what is done; is deleted in the end
   * @param err for the progress and the report
   * @return the exit status: 1 if an image failed
   */
  int run(Work work, Journal journal, PrintWriter err) {
    List<String> open = images.stream().filter(image -> !journal.has(image)).toList();
    int before = images.size() - open.size();
    if (before > 0) {
      err.println(before + " of " + images.size() + " images were done before");
    }
    try (ProgressBar bar = ProgressBar.on(err)) {
      for (int from = 0; from < open.size(); from += batch) {
        bar.update("captions", before + from, images.size(), ProgressBar.Unit.ITEMS);
        List<String> part = open.subList(from, Math.min(from + batch, open.size()));
        Map<String, List<String>> results = new LinkedHashMap<>();
        texts(part, work, results);
        journal.add(results);
      }
    }
    Map<String, List<String>> rows = inOrder(journal.rows());
    file.write(() -> rows.values().stream().flatMap(List::stream).iterator());
    journal.delete();
    return report(rows, err);
  }

  /** As the images stand in their folders; behind them those that are there no more. */
  private Map<String, List<String>> inOrder(Map<String, List<String>> done) {
    Map<String, List<String>> rows = new LinkedHashMap<>();
    images.forEach(image -> rows.put(image, done.getOrDefault(image, List.of())));
    done.forEach(rows::putIfAbsent);
    return rows;
  }

  /** Of images that cannot be used the reason; to find them, a batch is halved. */
  private void texts(List<String> part, Work work, Map<String, List<String>> results) {
    try {
      results.putAll(together(part, work));
    } catch (UnreadableImageException e) {
      if (part.size() == 1) {
        String image = part.get(0);
        String reason = String.valueOf(e.getMessage());
        results.put(image, List.of(Output.failure(RequestImages.one(image), null, reason)));
        return;
      }
      int half = part.size() / 2;
      texts(part.subList(0, half), work, results);
      texts(part.subList(half, part.size()), work, results);
    }
  }

  private static Map<String, List<String>> together(List<String> part, Work work) {
    List<String> names = new ArrayList<>();
    List<Named> asked = new ArrayList<>();
    for (String name : part) {
      for (Named one : work.requests().of(work.inputs().usable(name, work.blip2()))) {
        names.add(name);
        asked.add(one);
      }
    }
    List<List<GeneratedText>> texts =
        work.blip2().generate(asked.stream().map(Named::request).toList());
    Map<String, List<String>> results = new LinkedHashMap<>();
    for (int i = 0; i < names.size(); i++) {
      results
          .computeIfAbsent(names.get(i), n -> new ArrayList<>())
          .addAll(Output.lines(names.get(i), asked.get(i).prompt(), texts.get(i)));
    }
    return results;
  }

  private int report(Map<String, List<String>> rows, PrintWriter err) {
    List<String> reasons = new ArrayList<>();
    for (List<String> lines : rows.values()) {
      lines.forEach(line -> Output.error(line).ifPresent(reasons::add));
    }
    reasons.stream().limit(REASONS).forEach(reason -> Faults.say(err, reason));
    if (reasons.size() > REASONS) {
      Faults.say(err, "and " + (reasons.size() - REASONS) + " more, which " + file.path() + " has");
    }
    err.println(
        file.path()
            + ": "
            + (rows.size() - reasons.size())
            + " images, "
            + reasons.size()
            + " failed");
    err.flush();
    return reasons.isEmpty() ? 0 : 1;
  }
}
