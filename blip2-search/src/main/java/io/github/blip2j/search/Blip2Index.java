package io.github.blip2j.search;

import io.github.blip2j.Blip2;
import io.github.blip2j.EncodedImage;
import io.github.blip2j.ImageInput;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Function;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.SearcherFactory;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.store.AlreadyClosedException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;

/**
 * An index of pictures and texts in a directory, which names the checkpoint whose vectors it holds.
 * What was added or deleted is found at once; it survives the process after {@link #commit}, which
 * is atomic: a process that dies leaves what was committed last. Safe for many threads; one process
 * at a time has it open. Borrows the {@link Blip2}, which must stay open.
 */
public final class Blip2Index implements AutoCloseable {
  private static final String FORMAT = "blip2-index";
  private static final String VERSION = "1";

  /**
   * What is gathered before it is written: some four thousand pictures. The more, the fewer graphs
   * are built only to be merged into another.
   */
  private static final double BUFFER_MEGABYTES = 128;

  private final Path path;
  private final Blip2 blip2;
  private final Directory directory;
  private final IndexWriter writer;
  private final SearcherManager searchers;
  private boolean closed;
  private final Neighbours images = new Neighbours(Documents.IMAGE, Documents.IMAGE_VECTOR);
  private final Neighbours texts = new Neighbours(Documents.TEXT, Documents.TEXT_VECTOR);

  private Blip2Index(
      Path path, Blip2 blip2, Directory directory, IndexWriter writer, SearcherManager searchers) {
    this.path = path;
    this.blip2 = blip2;
    this.directory = directory;
    this.writer = writer;
    this.searchers = searchers;
  }

  /**
   * Opens an index, or makes one.
   *
   * @param directory where it lies, or an empty or absent directory
   * @param blip2 a model of a checkpoint that matches pictures and texts
   * @return the index; the caller closes it
   * @throws IndexException if the directory holds something else, a damaged index, one of another
   *     checkpoint, or one that another process has open
   * @throws io.github.blip2j.CheckpointException if the model's checkpoint writes text instead
   */
  public static Blip2Index open(Path directory, Blip2 blip2) {
    blip2.matcher(); // says why there can be no index
    try {
      Directory files = FSDirectory.open(directory);
      try {
        return open(directory, blip2, files);
      } catch (IOException | RuntimeException | Error e) {
        files.close();
        throw e;
      }
    } catch (LockObtainFailedException e) {
      throw new IndexException(
          directory + ": expected an index that no other process has open, found a lock", e);
    } catch (IOException | IllegalArgumentException e) {
      throw new IndexException(directory + ": expected a whole index, found: " + e.getMessage(), e);
    }
  }

  private static Blip2Index open(Path path, Blip2 blip2, Directory files) throws IOException {
    if (DirectoryReader.indexExists(files)) {
      require(path, SegmentInfos.readLatestCommit(files).getUserData(), blip2.checkpoint());
    } else if (Arrays.stream(files.listAll())
        .anyMatch(name -> !name.equals(IndexWriter.WRITE_LOCK_NAME))) {
      throw new IndexException(
          path + ": expected an index or an empty directory, found other files", null);
    }
    IndexWriter writer = new IndexWriter(files, config());
    try {
      Map<String, String> data =
          Map.of("format", FORMAT, "version", VERSION, "checkpoint", blip2.checkpoint());
      writer.setLiveCommitData(data.entrySet());
      writer.commit();
      return new Blip2Index(
          path, blip2, files, writer, new SearcherManager(writer, new SearcherFactory()));
    } catch (IOException | RuntimeException | Error e) {
      writer.rollback();
      throw e;
    }
  }

  private static void require(Path path, Map<String, String> found, String checkpoint) {
    if (!FORMAT.equals(found.get("format")) || !VERSION.equals(found.get("version"))) {
      throw new IndexException(
          String.format(
              Locale.ROOT,
              "%s: expected %s version %s, found %s version %s",
              path,
              FORMAT,
              VERSION,
              found.get("format"),
              found.get("version")),
          null);
    }
    if (!checkpoint.equals(found.get("checkpoint"))) {
      throw new IndexException(
          String.format(
              Locale.ROOT,
              "%s: expected an index of checkpoint %s, found one of checkpoint %s",
              path,
              checkpoint,
              found.get("checkpoint")),
          null);
    }
  }

  private static IndexWriterConfig config() {
    KnnVectorsFormat vectors = new Lucene99HnswScalarQuantizedVectorsFormat();
    return new IndexWriterConfig()
        .setRAMBufferSizeMB(BUFFER_MEGABYTES)
        .setCodec(
            new Lucene912Codec() {
              @Override
              public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                return vectors;
              }
            })
        .setCommitOnClose(false);
  }

  /**
   * Adds a picture, in place of one of the same id.
   *
   * @param id not blank
   * @param image the picture
   * @param fields of your own, to filter by and to be given back
   * @throws io.github.blip2j.UnreadableImageException if the picture cannot be read
   * @throws IndexException if the index cannot be written
   */
  public void addImage(String id, ImageInput image, Map<String, String> fields) {
    addVectors(id, blip2.encode(image).projected(), fields);
  }

  /**
   * Adds a picture whose vectors are known, in place of one of the same id.
   *
   * @param id not blank
   * @param vectors (Q, P) of length 1: {@link EncodedImage#projected} of this index's checkpoint
   * @param fields of your own, to filter by and to be given back
   * @throws IndexException if the index cannot be written
   */
  public void addVectors(String id, float[][] vectors, Map<String, String> fields) {
    add(Documents.IMAGE, id, vectors, fields);
  }

  /**
   * Adds a text, in place of one of the same id.
   *
   * @param id not blank
   * @param text is not stored; put it into the fields if it is to be given back
   * @param fields of your own, to filter by and to be given back
   * @throws IndexException if the index cannot be written
   */
  public void addText(String id, String text, Map<String, String> fields) {
    add(Documents.TEXT, id, new float[][] {blip2.embedder().text(text).embedding()}, fields);
  }

  private void add(String kind, String id, float[][] vectors, Map<String, String> fields) {
    if (id.isBlank() || vectors.length == 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "id (%s) must not be blank and vectors (%d) at least 1",
              id,
              vectors.length));
    }
    run(
        () ->
            writer.updateDocuments(
                Documents.block(kind, id), Documents.block(kind, id, vectors, fields)));
  }

  /**
   * Deletes a picture; one that is not there does no harm.
   *
   * @param id under which it was added
   * @throws IndexException if the index cannot be written
   */
  public void deleteImage(String id) {
    run(() -> writer.deleteDocuments(Documents.block(Documents.IMAGE, id)));
  }

  /**
   * Deletes a text; one that is not there does no harm.
   *
   * @param id under which it was added
   * @throws IndexException if the index cannot be written
   */
  public void deleteText(String id) {
    run(() -> writer.deleteDocuments(Documents.block(Documents.TEXT, id)));
  }

  /**
   * Makes everything so far survive the process.
   *
   * @throws IndexException if the index cannot be written
   */
  public void commit() {
    run(writer::commit);
  }

  /**
   * Number of pictures.
   *
   * @return what has been added and not deleted
   */
  public int images() {
    return searching(s -> s.count(Documents.parents(Documents.IMAGE)));
  }

  /**
   * Number of texts.
   *
   * @return what has been added and not deleted
   */
  public int texts() {
    return searching(s -> s.count(Documents.parents(Documents.TEXT)));
  }

  /**
   * Finds pictures by a text: image-text contrast.
   *
   * @param text what they should show
   * @param options how many, and which
   * @return hits, the most similar first
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> images(String text, SearchOptions options) {
    return images(blip2.embedder().text(text).embedding(), options);
  }

  /**
   * Finds pictures by a text's vector.
   *
   * @param embedding (P) of length 1, of this index's checkpoint
   * @param options how many, and which
   * @return hits, the most similar first
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> images(float[] embedding, SearchOptions options) {
    float[][] asked = {embedding};
    return searching(s -> images.find(s, asked, v -> largest(embedding, v), options));
  }

  /**
   * Finds pictures by a text in two stages, as LAVIS does: image-text contrast proposes, and
   * image-text matching, which reads each picture with the text, decides.
   *
   * @param text what they should show
   * @param options how many, and which
   * @param depth most similar pictures that are read with the text; at least the limit
   * @param pictures gives a picture for an id that was added
   * @return hits, the most probable first
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> images(
      String text, SearchOptions options, int depth, Function<String, ImageInput> pictures) {
    if (depth < options.limit()) {
      throw new IllegalArgumentException(
          "depth (" + depth + ") must be at least limit (" + options.limit() + ")");
    }
    SearchOptions first =
        new SearchOptions(depth, Math.max(depth, options.candidates()), options.filter());
    List<Hit> read = new ArrayList<>();
    for (Hit hit : images(text, first)) {
      double probability =
          blip2.matcher().probabilities(pictures.apply(hit.id()), List.of(text))[0];
      read.add(new Hit(hit.id(), hit.similarity(), OptionalDouble.of(probability), hit.fields()));
    }
    read.sort(Comparator.comparingDouble((Hit h) -> h.itmProbability().orElse(0)).reversed());
    return List.copyOf(read.subList(0, Math.min(options.limit(), read.size())));
  }

  /**
   * Finds pictures by a picture.
   *
   * @param image which they should be like
   * @param options how many, and which
   * @return hits, the most similar first
   * @throws io.github.blip2j.UnreadableImageException if the picture cannot be read
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
    return searching(s -> images.find(s, asked, mean, options));
  }

  /**
   * Finds texts by a picture: image-text contrast.
   *
   * @param image what they should describe
   * @param options how many, and which
   * @return hits, the most similar first
   * @throws io.github.blip2j.UnreadableImageException if the picture cannot be read
   * @throws IndexException if the index cannot be read
   */
  public List<Hit> texts(ImageInput image, SearchOptions options) {
    float[][] asked = blip2.encode(image).projected();
    List<float[]> queries = List.of(asked);
    return searching(s -> texts.find(s, asked, text -> largest(text.get(0), queries), options));
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

  private interface Work {
    void run() throws IOException;
  }

  private void run(Work work) {
    try {
      work.run();
    } catch (IOException | IllegalArgumentException | AlreadyClosedException e) {
      throw new IndexException(path + ": cannot be written: " + e.getMessage(), e);
    }
  }

  private interface Search<R> {
    R in(IndexSearcher searcher) throws IOException;
  }

  private <R> R searching(Search<R> search) {
    try {
      searchers.maybeRefreshBlocking();
      IndexSearcher searcher = searchers.acquire();
      try {
        return search.in(searcher);
      } finally {
        searchers.release(searcher);
      }
    } catch (IOException | IllegalArgumentException | AlreadyClosedException e) {
      throw new IndexException(path + ": cannot be searched: " + e.getMessage(), e);
    }
  }

  /**
   * Closes the index. What was not committed is lost.
   *
   * @throws IndexException if it cannot be closed
   */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    try (Closeable first = directory;
        Closeable second = writer::rollback; // does nothing if an error has closed it
        Closeable third = searchers) {
      assert first != third && second != third; // closed in the opposite order
    } catch (IOException e) {
      throw new IndexException(path + ": cannot be closed: " + e.getMessage(), e);
    }
  }
}
