package io.github.blip2j.search;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.apache.lucene.codecs.KnnVectorsFormat;
import org.apache.lucene.codecs.lucene912.Lucene912Codec;
import org.apache.lucene.codecs.lucene99.Lucene99HnswScalarQuantizedVectorsFormat;
import org.apache.lucene.index.ConcurrentMergeScheduler;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexNotFoundException;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.SegmentInfos;
import org.apache.lucene.search.SearcherFactory;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FSDirectory;
import org.apache.lucene.store.LockObtainFailedException;
import org.jspecify.annotations.Nullable;

/**
 * Lucene's files, writer and searchers of one index. All that touches files happens in threads that
 * nobody interrupts, and whatever Lucene throws over damaged files is an {@link IndexException}.
 * Closing waits for work under way, and for what that asks of the index in turn. Safe for many
 * threads.
 */
final class LuceneIndex implements AutoCloseable {
  private static final String FORMAT = "blip2-index";
  private static final String VERSION = "1";

  /**
   * What is gathered before it is written: some four thousand images. The more, the fewer graphs
   * are built only to be merged into another.
   */
  private static final double BUFFER_MEGABYTES = 128;

  private final Path path;
  private final OwnThreads threads;
  private final Directory directory;
  private final @Nullable IndexWriter writer; // none of an index that is only read
  private final Searchers searchers;
  private final ReadWriteLock open = new ReentrantReadWriteLock(); // releasing files is writing
  private final ReadWriteLock whole = new ReentrantReadWriteLock(); // changing in steps is writing
  private final AtomicLong changes = new AtomicLong();
  private long committed; // changes
  private @Nullable Throwable halfDone; // why a change in steps is, under the lock of those
  private volatile boolean closed; // for new calls; files may wait for those under way
  private boolean released;

  private LuceneIndex(
      Path path,
      OwnThreads threads,
      Directory directory,
      @Nullable IndexWriter writer,
      Searchers searchers) {
    this.path = path;
    this.threads = threads;
    this.directory = directory;
    this.writer = writer;
    this.searchers = searchers;
  }

  /** Opens an index to write to it, or makes one, under Lucene's lock. */
  static LuceneIndex open(Path path, String checkpoint) {
    return opened(path, (threads, files) -> writing(path, checkpoint, threads, files));
  }

  /** Opens what an index has committed, without a lock. */
  static LuceneIndex read(Path path, String checkpoint) {
    if (!Files.isDirectory(path)) {
      throw new IndexException(path + ": expected an index, found no directory", null);
    }
    return opened(path, (threads, files) -> reading(path, checkpoint, threads, files));
  }

  private interface Opening {
    LuceneIndex of(OwnThreads threads, Directory files) throws IOException;
  }

  private static LuceneIndex opened(Path path, Opening opening) {
    OwnThreads threads = new OwnThreads();
    try {
      return threads.run(
          () -> {
            Directory files = FSDirectory.open(path);
            try {
              return opening.of(threads, files);
            } catch (Throwable e) {
              files.close();
              throw e;
            }
          });
    } catch (ExecutionException e) {
      threads.close();
      throw refused(path, e.getCause());
    }
  }

  private static IndexException refused(Path path, @Nullable Throwable cause) {
    if (cause instanceof IndexException ours) {
      return ours;
    }
    if (cause instanceof LockObtainFailedException) {
      return new IndexException(
          path + ": expected an index that nobody else writes to, found a lock", cause);
    }
    return new IndexException(path + ": expected a whole index, found: " + said(cause), cause);
  }

  /** What was said first: a writer that failed earlier only says that it is closed. */
  private static String said(@Nullable Throwable cause) {
    Throwable first = cause;
    while (first != null && first.getCause() != null) {
      first = first.getCause();
    }
    return String.valueOf(first);
  }

  private static LuceneIndex writing(
      Path path, String checkpoint, OwnThreads threads, Directory files) throws IOException {
    boolean there = DirectoryReader.indexExists(files);
    if (there) {
      require(path, SegmentInfos.readLatestCommit(files).getUserData(), checkpoint);
    } else if (Arrays.stream(files.listAll())
        .anyMatch(name -> !name.equals(IndexWriter.WRITE_LOCK_NAME))) {
      throw new IndexException(
          path + ": expected an index or an empty directory, found other files", null);
    }
    IndexWriter writer = new IndexWriter(files, config());
    try {
      Map<String, String> data =
          Map.of("format", FORMAT, "version", VERSION, "checkpoint", checkpoint);
      writer.setLiveCommitData(data.entrySet(), false);
      if (!there) {
        writer.commit();
      }
      SearcherManager searchers = new SearcherManager(writer, new SearcherFactory());
      return new LuceneIndex(path, threads, files, writer, new Searchers(searchers));
    } catch (Throwable e) {
      writer.rollback();
      throw e;
    }
  }

  private static LuceneIndex reading(
      Path path, String checkpoint, OwnThreads threads, Directory files) throws IOException {
    if (!DirectoryReader.indexExists(files)) {
      throw new IndexException(path + ": expected an index, found none in the directory", null);
    }
    DirectoryReader reader = DirectoryReader.open(files);
    try {
      require(path, reader.getIndexCommit().getUserData(), checkpoint);
      SearcherManager searchers = new SearcherManager(reader, new SearcherFactory());
      return new LuceneIndex(path, threads, files, null, new Searchers(searchers));
    } catch (Throwable e) {
      reader.close();
      throw e;
    }
  }

  private static void require(Path path, Map<String, String> found, String checkpoint) {
    if (!FORMAT.equals(found.get("format")) || !VERSION.equals(found.get("version"))) {
      throw new IndexException(
          path
              + (": expected " + FORMAT + " version " + VERSION)
              + (", found " + found.get("format") + " version " + found.get("version")),
          null);
    }
    if (!checkpoint.equals(found.get("checkpoint"))) {
      throw new IndexException(
          path
              + (": expected an index of checkpoint " + checkpoint)
              + (", found one of checkpoint " + found.get("checkpoint")),
          null);
    }
  }

  private static IndexWriterConfig config() {
    KnnVectorsFormat vectors = new Lucene99HnswScalarQuantizedVectorsFormat();
    return new IndexWriterConfig()
        .setRAMBufferSizeMB(BUFFER_MEGABYTES)
        .setMergeScheduler(new Merges())
        .setCodec(
            new Lucene912Codec() {
              @Override
              public KnnVectorsFormat getKnnVectorsFormatForField(String field) {
                return vectors;
              }
            })
        .setCommitOnClose(false);
  }

  /** A merge that fails is told by the next call, not by its own thread. */
  private static final class Merges extends ConcurrentMergeScheduler {
    @Override
    protected void handleMergeException(Throwable failed) {}
  }

  /** A change to the index. */
  interface Change {
    void apply(IndexWriter writer) throws IOException;
  }

  /**
   * Changes the index in one step.
   *
   * @throws IllegalStateException if it is closed or only read
   * @throws IndexException if it cannot be written
   */
  void change(Change change) {
    using(
        whole.readLock(),
        writer -> {
          change.apply(writer);
          return changes.incrementAndGet();
        });
  }

  /**
   * Changes the index in several steps, which nobody sees apart: searches find what there was
   * before, other changes and commits wait. Of one that fails nothing can last: nobody changes or
   * commits any more, and searches go on finding what there was before.
   *
   * @throws IllegalStateException if it is closed or only read
   * @throws IndexException if it cannot be written
   */
  void changeInSteps(Change change) {
    using(
        whole.writeLock(),
        writer -> {
          searchers.freeze();
          try {
            change.apply(writer);
          } catch (Throwable e) {
            halfDone = e;
            throw e;
          }
          searchers.thaw();
          return changes.incrementAndGet();
        });
  }

  /** Adds what another index of this checkpoint has, in place of what has the same ids. */
  void merge(Path other, String checkpoint) {
    writer(); // before anything is said of the other
    if (!Files.isDirectory(other)) {
      throw new IndexException(other + ": expected an index, found no directory", null);
    }
    inside("written", () -> merged(other, checkpoint));
  }

  private Path merged(Path other, String checkpoint) throws IOException {
    if (Files.isSameFile(other, path)) {
      throw new IndexException(other + ": expected another index, found this one", null);
    }
    try (Directory files = FSDirectory.open(other)) {
      files.obtainLock(IndexWriter.WRITE_LOCK_NAME).close(); // before anything is changed
      try (DirectoryReader reader = DirectoryReader.open(files)) {
        require(other, reader.getIndexCommit().getUserData(), checkpoint);
        changeInSteps(
            writer -> {
              for (LeafReaderContext leaf : reader.leaves()) {
                Documents.deleteSame(leaf.reader(), writer);
              }
              writer.flush(); // deletes what was there before, and not what comes now
              writer.addIndexes(files);
            });
      } catch (IndexNotFoundException e) {
        throw new IndexException(other + ": expected an index, found none", e);
      }
    }
    return other;
  }

  /** Makes everything so far survive the process. */
  void commit() {
    using(
        whole.readLock(),
        writer -> {
          long before = changes.get();
          writer.commit();
          return noted(before);
        });
  }

  private synchronized long noted(long before) {
    committed = Math.max(committed, before);
    return committed;
  }

  /** Changes that no commit has made to last. */
  synchronized long uncommitted() {
    return changes.get() - committed;
  }

  private interface Writing<R> {
    R with(IndexWriter writer) throws IOException;
  }

  private IndexWriter writer() {
    if (writer == null) {
      throw new IllegalStateException(path + ": must be opened to be written, but is only read");
    }
    return writer;
  }

  private <R> R using(Lock lock, Writing<R> work) {
    IndexWriter own = writer();
    return inside(
        "written",
        () -> {
          lock.lock();
          try {
            requireWhole();
            return work.with(own);
          } finally {
            lock.unlock();
          }
        });
  }

  private void requireWhole() {
    if (halfDone != null) {
      throw new IndexException(
          path
              + ": expected an index without a merge that failed half-way, found one: "
              + said(halfDone)
              + "; close it and open it again: it is then as it was committed last",
          halfDone);
    }
  }

  /**
   * Searches what there is now.
   *
   * @throws IllegalStateException if it is closed
   * @throws IndexException if it cannot be read
   */
  <R> R search(Searchers.Search<R> search) {
    return inside("searched", () -> searchers.search(search));
  }

  /**
   * Runs work while the index is open. What such work asks of the index in turn is inside already:
   * to wait for a lock behind a closing that waits for that work would never end.
   */
  private <R> R inside(String what, Callable<R> work) {
    if (threads.isOwn()) {
      return ran(what, work);
    }
    if (!open.readLock().tryLock()) { // waits for nobody: files are being released
      throw closedBefore();
    }
    try {
      if (closed) {
        throw closedBefore();
      }
      return ran(what, work);
    } finally {
      open.readLock().unlock();
    }
  }

  private IllegalStateException closedBefore() {
    return new IllegalStateException(path + ": the index must be open, but has been closed");
  }

  private <R> R ran(String what, Callable<R> work) {
    try {
      return threads.run(work);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IndexException ours) {
        throw ours;
      }
      throw new IndexException(
          path + ": cannot be " + what + ": " + said(e.getCause()), e.getCause());
    }
  }

  /**
   * Closes, behind what is under way.
   *
   * @return how many changes are lost; 0 if it has been closed before
   * @throws IllegalStateException if the caller is under way itself
   */
  long closeAndCount() {
    if (threads.isOwn()) {
      throw new IllegalStateException(
          path + ": must not be closed by what it hands images to: that would wait for itself");
    }
    closed = true;
    open.writeLock().lock();
    try {
      if (released) {
        return 0;
      }
      released = true;
      threads.run(this::closeFiles);
      return uncommitted();
    } catch (ExecutionException e) {
      throw new IndexException(path + ": cannot be closed: " + said(e.getCause()), e.getCause());
    } finally {
      threads.close();
      open.writeLock().unlock();
    }
  }

  private boolean closeFiles() throws IOException {
    IndexWriter own = writer;
    try (Closeable first = directory;
        Closeable second = own == null ? () -> {} : own::rollback; // nothing if an error closed it
        Closeable third = searchers) {
      return first != third && second != third; // closed in the opposite order
    }
  }

  @Override
  public void close() {
    closeAndCount();
  }
}
