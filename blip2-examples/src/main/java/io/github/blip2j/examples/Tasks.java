package io.github.blip2j.examples;

import io.github.blip2j.Blip2;
import io.github.blip2j.ChatSession;
import io.github.blip2j.Generation;
import io.github.blip2j.ZeroShotClassifier;
import io.github.blip2j.generation.GeneratedText;
import io.github.blip2j.generation.GenerationOptions;
import io.github.blip2j.generation.GenerationRequest;
import io.github.blip2j.generation.RankedAnswer;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import io.github.blip2j.retrieval.Match;
import io.github.blip2j.retrieval.ScoredLabel;
import java.util.ArrayList;
import java.util.List;

/** What each page of {@code docs/tasks} shows; the build checks that both are the same. */
public final class Tasks {
  private Tasks() {}

  static String caption(Blip2 blip2, ImageInput image) {
    GeneratedText caption = blip2.caption(image);
    System.out.println(caption.text() + " (" + caption.finishReason() + ")");
    return caption.text();
  }

  static List<String> severalCaptions(Blip2 blip2, ImageInput image) {
    GenerationOptions beams =
        GenerationOptions.builder().numBeams(5).numReturnSequences(3).maxNewTokens(30).build();
    List<String> texts = new ArrayList<>();
    for (GeneratedText caption : blip2.captioner().withOptions(beams).captions(image)) {
      texts.add(caption.text());
      System.out.println(caption.score() + "  " + caption.text());
    }
    return texts;
  }

  static String promptedCaption(Blip2 blip2, ImageInput image) {
    String rest = blip2.caption(image, "a picture of").text();
    System.out.println("a picture of " + rest);
    return rest;
  }

  static String ask(Blip2 blip2, ImageInput image, String question) {
    String answer = blip2.ask(image, question).text();
    System.out.println(answer);
    return answer;
  }

  static List<String> askMany(Blip2 blip2, ImageInput image, List<String> questions) {
    List<String> texts = new ArrayList<>();
    for (GeneratedText answer : blip2.vqa().ask(image, questions)) {
      texts.add(answer.text());
    }
    return texts;
  }

  static String chat(Blip2 blip2, ImageInput image, String first, String second) {
    try (ChatSession chat = blip2.chat(image)) {
      System.out.println(chat.ask(first).text());
      String answer = chat.ask(second).text(); // reads its own words only: the rest is in the cache
      chat.undo(); // as if the second question had not been asked
      try (ChatSession other = chat.fork()) { // both go on from here, each for itself
        System.out.println(other.ask(second).text());
      }
      return answer;
    }
  }

  static String rank(Blip2 blip2, ImageInput image, String question, List<String> candidates) {
    String prompt = "Question: " + question + " Answer:";
    List<RankedAnswer> ranked = blip2.rank(image, prompt, candidates);
    for (RankedAnswer answer : ranked) {
      System.out.println(answer.probability() + "  " + answer.text());
    }
    return ranked.get(0).text();
  }

  static String match(Blip2 blip2, ImageInput image, List<String> texts) {
    List<Match> matches = blip2.matcher().match(image, texts);
    int best = 0;
    for (int i = 0; i < texts.size(); i++) {
      Match match = matches.get(i);
      System.out.println(
          texts.get(i) + ": " + match.itmProbability() + ", " + match.itcSimilarity());
      best = match.itmProbability() > matches.get(best).itmProbability() ? i : best;
    }
    return texts.get(best);
  }

  static String classify(Blip2 blip2, ImageInput image, List<String> labels) {
    ZeroShotClassifier classifier = blip2.zeroShotClassifier(labels, List.of("a picture of {}"));
    List<ScoredLabel> sorted = classifier.classify(image); // the likeliest first
    System.out.println(sorted.get(0));
    return sorted.get(0).label();
  }

  static double embed(Blip2 blip2, ImageInput image, String text) {
    float[][] queries = blip2.embedder().image(image).projected(); // (Q, P), each of length 1
    float[] words = blip2.embedder().text(text).embedding(); // (P)
    double largest = -1;
    for (float[] query : queries) {
      double dot = 0;
      for (int i = 0; i < words.length; i++) {
        dot += query[i] * words[i];
      }
      largest = Math.max(largest, dot);
    }
    return largest; // image-text similarity, as matcher() gives it
  }

  static String stream(Blip2 blip2, ImageInput image) {
    StringBuilder text = new StringBuilder();
    GenerationOptions options = GenerationOptions.defaults().withMaxNewTokens(40);
    GenerationRequest request = new GenerationRequest(image, null, options);
    try (Generation generation = blip2.stream(request)) {
      generation.forEachRemaining(piece -> text.append(piece.text()));
    } // leaving early ends the text after the token under way
    return text.toString();
  }

  static List<String> batch(Blip2 blip2, List<ImageInput> images) {
    List<EncodedImage> encoded = new ArrayList<>();
    for (ImageInput image : images) {
      encoded.add(blip2.encode(image)); // once for all that is asked about it
    }
    List<GenerationRequest> requests = new ArrayList<>();
    for (EncodedImage image : encoded) {
      requests.add(new GenerationRequest(image, null, GenerationOptions.defaults()));
      requests.add(new GenerationRequest(image, "a picture of", GenerationOptions.defaults()));
    }
    List<String> texts = new ArrayList<>();
    blip2.generate(requests).forEach(answers -> texts.add(answers.get(0).text()));
    return texts;
  }
}
