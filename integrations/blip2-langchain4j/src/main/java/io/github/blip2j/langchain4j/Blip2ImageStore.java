package io.github.blip2j.langchain4j;

import dev.langchain4j.data.document.Metadata;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.store.embedding.EmbeddingMatch;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.EmbeddingStore;
import dev.langchain4j.store.embedding.filter.Filter;
import io.github.blip2j.Blip2;
import io.github.blip2j.core.Capability;
import io.github.blip2j.image.ImageInput;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Images in any {@link EmbeddingStore}, searched as BLIP-2 means it: by the largest cosine of a
 * text's vector and any of an image's. A store holds one vector an entry, so an image is as many
 * entries as it has query vectors, each naming the image in its metadata. A search asks for more
 * entries than images, keeps the best of each image, and asks for more until there are enough: with
 * a store that searches exactly the result is exact, with one that searches approximately as good
 * as the store.
 *
 * <p>Entries' ids are made of the image's, so that adding an image again, as a task that is run
 * twice does, leaves it there once where the store replaces entries of an id. Borrows model and
 * store; as safe for many threads as the store is.
 */
public final class Blip2ImageStore {
  /** The metadata key of an entry's image. */
  public static final String IMAGE = "blip2_image";

  /** Entries that are asked for first, for each image that is wanted. */
  private static final int FIRST = 4;

  private final Blip2 blip2;
  private final EmbeddingStore<TextSegment> store;

  /**
   * What a search has found.
   *
   * @param id of the image
   * @param similarity −1 to 1, the largest cosine over its vectors
   * @param metadata as it was added
   */
  public record ImageMatch(String id, double similarity, Map<String, Object> metadata) {}

  /**
   * Makes a store.
   *
   * @param blip2 one that matches images and texts
   * @param store whose scores are LangChain4j's relevance scores of cosines, as usual
   * @throws IllegalArgumentException if the model does not match images and texts
   */
  public Blip2ImageStore(Blip2 blip2, EmbeddingStore<TextSegment> store) {
    if (!blip2.capabilities().contains(Capability.MATCH)) {
      throw new IllegalArgumentException(
          "blip2: expected a model that matches images and texts, found " + blip2.capabilities());
    }
    this.blip2 = blip2;
    this.store = store;
  }

  /**
   * Adds an image.
   *
   * @param id not blank
   * @param image the image
   * @param metadata of your own, to filter by and to be given back; values as {@link Metadata} has
   *     them
   */
  public void add(String id, ImageInput image, Map<String, ?> metadata) {
    add(id, blip2.encode(image).projected(), metadata);
  }

  /**
   * Adds an image whose vectors are known, such as those of an index's export.
   *
   * @param id not blank
   * @param vectors (Q, P) of length 1
   * @param metadata of your own, to filter by and to be given back
   */
  public void add(String id, float[][] vectors, Map<String, ?> metadata) {
    if (id.isBlank() || vectors.length == 0) {
      throw new IllegalArgumentException(
          "id (" + id + ") must not be blank and vectors (" + vectors.length + ") at least 1");
    }
    List<Embedding> embeddings = new ArrayList<>();
    List<TextSegment> segments = new ArrayList<>();
    Metadata own = Metadata.from(metadata).put(IMAGE, id);
    for (float[] vector : vectors) {
      embeddings.add(Embedding.from(vector));
      segments.add(TextSegment.from(id, own));
    }
    store.addAll(ids(id, vectors.length), embeddings, segments);
  }

  /** Many stores take UUIDs only. */
  private static List<String> ids(String id, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> (i + ":" + id).getBytes(StandardCharsets.UTF_8))
        .map(name -> UUID.nameUUIDFromBytes(name).toString())
        .toList();
  }

  /**
   * Removes an image; one that is not there does no harm.
   *
   * @param id under which it was added
   * @param vectors how many it has: the queries of the checkpoint, 32 in the published ones
   */
  public void remove(String id, int vectors) {
    store.removeAll(ids(id, vectors));
  }

  /**
   * Finds images by a text.
   *
   * @param text what they should show
   * @param most images at most, at least 1
   * @return the most similar first
   */
  public List<ImageMatch> search(String text, int most) {
    return search(text, most, null);
  }

  /**
   * Finds images by a text.
   *
   * @param text what they should show
   * @param most images at most, at least 1
   * @param filter on metadata, or null for all
   * @return the most similar first
   */
  public List<ImageMatch> search(String text, int most, @Nullable Filter filter) {
    if (most < 1) {
      throw new IllegalArgumentException("most (" + most + ") must be at least 1");
    }
    Embedding query = Embedding.from(blip2.embedder().text(text).embedding());
    for (int asked = Math.multiplyExact(FIRST, most); ; asked = Math.multiplyExact(2, asked)) {
      List<EmbeddingMatch<TextSegment>> entries =
          store
              .search(
                  EmbeddingSearchRequest.builder()
                      .queryEmbedding(query)
                      .maxResults(asked)
                      .filter(filter)
                      .build())
              .matches();
      Map<String, ImageMatch> best = best(entries);
      if (best.size() >= most || entries.size() < asked) {
        return best.values().stream().limit(most).toList();
      }
    }
  }

  /** Of each image the first entry, which is its best. */
  private static Map<String, ImageMatch> best(List<EmbeddingMatch<TextSegment>> entries) {
    Map<String, ImageMatch> best = new LinkedHashMap<>();
    for (EmbeddingMatch<TextSegment> entry : entries) {
      Map<String, Object> metadata = entry.embedded().metadata().toMap();
      Object id = metadata.remove(IMAGE);
      if (id != null) { // else an entry of somebody else
        double cosine = 2 * entry.score() - 1;
        best.putIfAbsent(id.toString(), new ImageMatch(id.toString(), cosine, metadata));
      }
    }
    return best;
  }
}
