package io.github.blip2j.search;

import io.github.blip2j.Blip2;
import io.github.blip2j.image.EncodedImage;
import io.github.blip2j.image.ImageInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * An index of images and texts in a directory, which names the checkpoint whose vectors it holds.
 * What was added or deleted is found at once; it survives the process after {@link #commit}, which
 * is atomic: a process that dies leaves what was committed last. One process at a time has it open
 * for writing; any number read it at the same time. Borrows the {@link Blip2}, which must stay
 * open.
 *
 * <p>Safe for many threads. An interrupt ends nothing here: a call goes on to its end, and the
 * thread stays interrupted. {@link #close} is for any thread at any moment, save within {@link
 * #forEachImage}: it waits for calls under way; later ones throw {@link IllegalStateException}.
 */
public final class Blip2Index implements AutoCloseable {
  private static final System.Logger LOGGER = System.getLogger(Blip2Index.class.getName());

  private final Path path;
  private final Blip2 blip2;
  private final LuceneIndex lucene;
  private final VectorWidth width;
  private final Neighbours images = new Neighbours(Documents.IMAGE, Documents.IMAGE_VECTOR);
  private final Neighbours texts = new Neighbours(Documents.TEXT, Documents.TEXT_VECTOR);

  private Blip2Index(Path path, Blip2 blip2, LuceneIndex lucene) {
    this.path = path;
    this.blip2 = blip2;
    this.lucene = lucene;
    this.width = new VectorWidth(() -> blip2.embedder().text("").embedding().length);
  }

  /**
   * Opens an index for reading and writing, or makes one.
   *
   * @param directory where it lies, or an empty or absent directory
   * @param blip2 a model of a checkpoint that matches images and texts
   * @return the index; the caller closes it
   * @throws IndexException if the directory holds something else, a damaged index, one of another
   *     checkpoint, or one that is open for writing already, here or in another process
   * @throws io.github.blip2j.core.CheckpointException if the model's checkpoint writes text instead
   */
  public static Blip2Index open(Path directory, Blip2 blip2) {
    blip2.matcher(); // says why there can be no index
    return new Blip2Index(directory, blip2, LuceneIndex.open(directory, blip2.checkpoint()));
  }

  /**
   * Opens an index for reading: it needs no lock and no right to write, and finds what others have
   * committed by then at every search. What changes an index throws {@link IllegalStateException}.
   *
   * @param directory where it lies
   * @param blip2 a model of a checkpoint that matches images and texts
   * @return the index; the caller closes it
   * @throws IndexException if the directory is not there, holds no index, a damaged one, or one of
   *     another checkpoint
   * @throws io.github.blip2j.core.CheckpointException if the model's checkpoint writes text instead
   */
  public static Blip2Index openReadOnly(Path directory, Blip2 blip2) {
    blip2.matcher(); // says why there can be no index
    return new Blip2Index(directory, blip2, LuceneIndex.read(directory, blip2.checkpoint()));
  }

  /**
   * Adds an image, in place of one of the same id.
   *
   * @param id not blank, at most 32 760 bytes in UTF-8
   * @param image the image
   * @param fields of your own, to filter by and to be given back; each name and value at most 32
   *     766 bytes in UTF-8
   * @throws IllegalArgumentException if the id or a field is not so, or has half a character
   * @throws io.github.blip2j.core.UnreadableImageException if the image cannot be read
   * @throws IndexException if the index cannot be written
   */
  public void addImage(String id, ImageInput image, Map<String, String> fields) {
    Names.check(id, fields);
    add(Documents.IMAGE, id, blip2.encode(image).projected(), fields);
  }

  /**
   * Adds an image whose vectors are known, in place of one of the same id.
   *
   * @param id not blank, at most 32 760 bytes in UTF-8
   * @param vectors (Q, P) of length 1: {@link EncodedImage#projected} of this index's checkpoint
   * @param fields of your own, to filter by and to be given back; each name and value at most 32
   *     766 bytes in UTF-8
   * @throws IllegalArgumentException if there is no vector, or one is not of P finite numbers; if
   *     the id or a field is not so, or has half a character
   * @throws IndexException if the index cannot be written
   */
  public void addVectors(String id, float[][] vectors, Map<String, String> fields) {
    Names.check(id, fields);
    if (vectors.length == 0) {
      throw new IllegalArgumentException("vectors (0) must be at least 1");
    }
    width.check("vectors", vectors);
    add(Documents.IMAGE, id, vectors, fields);
  }

  /**
   * Adds a text, in place of one of the same id.
   *
   * @param id not blank, at most 32 760 bytes in UTF-8
   * @param text is not stored; put it into the fields if it is to be given back, and is no longer
   *     than they may be
   * @param fields of your own, to filter by and to be given back; each name and value at most 32
   *     766 bytes in UTF-8
   * @throws IllegalArgumentException if the id or a field is not so, or has half a character
   * @throws IndexException if the index cannot be written
   */
  public void addText(String id, String text, Map<String, String> fields) {
    Names.check(id, fields);
    add(Documents.TEXT, id, new float[][] {blip2.embedder().text(text).embedding()}, fields);
  }

  private void add(String kind, String id, float[][] vectors, Map<String, String> fields) {
    lucene.change(
        writer ->
            writer.updateDocuments(
                Documents.block(kind, id), Documents.block(kind, id, vectors, fields)));
  }

  /**
   * Deletes an image; one that is not there does no harm.
   *
   * @param id under which it was added
   * @throws IndexException if the index cannot be written
   */
  public void deleteImage(String id) {
    lucene.change(writer -> writer.deleteDocuments(Documents.block(Documents.IMAGE, id)));
  }

  /**
   * Deletes a text; one that is not there does no harm.
   *
   * @param id under which it was added
   * @throws IndexException if the index cannot be written
   */
  public void deleteText(String id) {
    lucene.change(writer -> writer.deleteDocuments(Documents.block(Documents.TEXT, id)));
  }

  /**
   * Makes everything so far survive the process.
   *
   * @throws IndexException if the index cannot be written
   */
  public void commit() {
    lucene.commit();
  }

  /**
   * Changes that would be lost now.
   *
   * @return how many additions and deletions there were since the last {@link #commit}; 0 of an
   *     index that is only read
   */
  public long uncommitted() {
    return lucene.uncommitted();
  }

  /**
   * Number of images.
   *
   * @return what has been added and not deleted
   */
  public int images() {
    return lucene.search(s -> s.count(Documents.parents(Documents.IMAGE)));
  }

  /**
   * Whether there is an image of an id. To ask between additions makes each of them visible first,
   * which costs more than the question: ask about many before you add them.
   *
   * @param id under which it was added
   * @return whether it has been added and not deleted
   * @throws IndexException if the index cannot be read
   */
  public boolean hasImage(String id) {
    return lucene.search(s -> s.count(Documents.is(Documents.IMAGE, id)) > 0);
  }

  /**
   * Number of texts.
   *
   * @return what has been added and not deleted
   */
  public int texts() {
    return lucene.search(s -> s.count(Documents.parents(Documents.TEXT)));
  }

  /**
   * Finds images by a text: image-text contrast.
   *
   * @param text what they should show
   * @param options how many, and which
   * @return hits, the most similar first
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> images(String text, SearchOptions options) {
    return near(blip2.embedder().text(text).embedding(), options);
  }

  /**
   * Finds images by a text's vector.
   *
   * @param embedding (P) of length 1, of this index's checkpoint
   * @param options how many, and which
   * @return hits, the most similar first
   * @throws IllegalArgumentException if the vector is not of P finite numbers
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> images(float[] embedding, SearchOptions options) {
    width.check("embedding", new float[][] {embedding});
    return near(embedding, options);
  }

  private List<Hit> near(float[] embedding, SearchOptions options) {
    float[][] asked = {embedding};
    return lucene.search(s -> images.find(s, asked, v -> largest(embedding, v), options));
  }

  /**
   * Finds images by a text in two stages, as LAVIS does: image-text contrast proposes, and
   * image-text matching, which reads each image with the text, decides.
   *
   * @param text what they should show
   * @param options how many, and which
   * @param depth most similar images that are read with the text; at least the limit
   * @param sources gives an image for an id that was added
   * @return hits, the most probable first
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> images(
      String text, SearchOptions options, int depth, Function<String, ImageInput> sources) {
    if (depth < options.limit()) {
      throw new IllegalArgumentException(
          "depth (" + depth + ") must be at least limit (" + options.limit() + ")");
    }
    SearchOptions first =
        new SearchOptions(depth, Math.max(depth, options.candidates()), options.filter());
    List<Hit> read = new ArrayList<>();
    for (Hit hit : images(text, first)) {
      double probability = blip2.matcher().probabilities(sources.apply(hit.id()), List.of(text))[0];
      read.add(new Hit(hit.id(), hit.similarity(), OptionalDouble.of(probability), hit.fields()));
    }
    read.sort(Comparator.comparingDouble((Hit h) -> h.itmProbability().orElse(0)).reversed());
    return List.copyOf(read.subList(0, Math.min(options.limit(), read.size())));
  }

  /**
   * Finds images by an image.
   *
   * @param image which they should be like
   * @param options how many, and which
   * @return hits, the most similar first
   * @throws io.github.blip2j.core.UnreadableImageException if the image cannot be read
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> images(ImageInput image, SearchOptions options) {
    float[][] asked = blip2.encode(image).projected();
    Neighbours.Similarity mean =
        vectors -> {
          double sum = 0;
          for (float[] vector : asked) {
            sum += largest(vector, vectors);
          }
          return sum / asked.length;
        };
    return lucene.search(s -> images.find(s, asked, mean, options));
  }

  /**
   * Finds texts by an image: image-text contrast.
   *
   * @param image what they should describe
   * @param options how many, and which
   * @return hits, the most similar first
   * @throws io.github.blip2j.core.UnreadableImageException if the image cannot be read
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> texts(ImageInput image, SearchOptions options) {
    float[][] asked = blip2.encode(image).projected();
    List<float[]> queries = List.of(asked);
    return lucene.search(s -> texts.find(s, asked, text -> largest(text.get(0), queries), options));
  }

  /**
   * Hands out every image with its vectors, such as to another store. Images come in no order that
   * means anything; what is added or deleted meanwhile is not seen.
   *
   * <p>The reader may search and change the index, even while another thread is closing it, but not
   * close it: {@link #close} and {@link #discard} would wait for the reader, and throw {@link
   * IllegalStateException} there.
   *
   * @param reader is given one image after the other, in a thread of the index; what it throws ends
   *     the reading and is thrown here
   * @throws IndexException if the index cannot be read
   */
  public void forEachImage(Consumer<? super IndexedImage> reader) {
    AtomicReference<RuntimeException> failed = new AtomicReference<>();
    lucene.search(
        searcher -> {
          StoredImages.read(searcher, image -> guarded(reader, image, failed));
          return failed;
        });
    if (failed.get() != null) {
      throw failed.get();
    }
  }

  /** What the reader throws is no fault of the index; nothing more is handed out. */
  private static void guarded(
      Consumer<? super IndexedImage> reader,
      IndexedImage image,
      AtomicReference<RuntimeException> failed) {
    if (failed.get() == null) {
      try {
        reader.accept(image);
      } catch (RuntimeException e) {
        failed.set(e);
      }
    }
  }

  /**
   * Adds all that another index has, in place of images and texts of the same ids: how indexes that
   * several processes have filled, each its own, become one. Its vectors are taken as they are;
   * nothing is computed and no graph is built anew. What the other has deleted does not count.
   *
   * <p>Searches find what there was before until all of it is there; changes and commits by other
   * threads wait for its end. One that fails half-way, such as on a full disk, takes nothing away:
   * searches go on finding what there was before, but changes and commits are refused until the
   * index is closed and opened again, as it was committed last. So commit before, if what has been
   * added shall outlast that.
   *
   * @param other where an index of the same checkpoint lies, which nobody writes to meanwhile; it
   *     stays as it is
   * @throws IndexException if it is no such index, which harms nothing; or this one cannot be
   *     written
   */
  public void merge(Path other) {
    lucene.merge(other, blip2.checkpoint());
  }

  private static double largest(float[] vector, List<float[]> others) {
    double largest = Double.NEGATIVE_INFINITY;
    for (float[] other : others) {
      double sum = 0;
      for (int i = 0; i < vector.length; i++) {
        sum += vector[i] * other[i];
      }
      largest = Math.max(largest, sum);
    }
    return largest;
  }

  /**
   * Closes the index. What was not committed is lost: a warning says how much, through {@link
   * System.Logger} under this class' name. Closing again does nothing.
   *
   * @throws IndexException if it cannot be closed
   * @throws IllegalStateException in a reader of {@link #forEachImage}, for which it would wait
   */
  @Override
  public void close() {
    long lost = lucene.closeAndCount();
    if (lost > 0) {
      LOGGER.log(
          System.Logger.Level.WARNING,
          path
              + (": closed with " + lost + " changes that were not committed and are lost;")
              + " commit() keeps them, discard() says that they may go");
    }
  }

  /**
   * Closes the index and drops what was not committed, on purpose.
   *
   * @throws IndexException if it cannot be closed
   * @throws IllegalStateException as {@link #close}
   */
  public void discard() {
    lucene.close();
  }
}
