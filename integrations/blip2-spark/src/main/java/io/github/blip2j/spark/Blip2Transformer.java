package io.github.blip2j.spark;

import java.io.IOException;
import java.util.List;
import org.apache.spark.SparkContext;
import org.apache.spark.ml.Transformer;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReadable;
import org.apache.spark.ml.util.DefaultParamsWritable;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * Captions, answers, vectors or match scores for a column of images.
 *
 * <p>The column has the bytes of image files, as {@code binaryFile} reads them, or their paths. Two
 * columns are added: the result, which a row that fails has null, and its error, which the others
 * have null. Rows stay as they are, every one of them, in their order within a partition; they are
 * read as they are needed and worked on in batches.
 *
 * <p>A model is loaded once in each executor, by the first task that needs it, from the executor's
 * own disk ({@link ModelSpec}). Results do not depend on how rows are spread over tasks, but for
 * the rounding of sums, which depends on the size of a batch: what is drawn has a seed made of
 * {@code seed} and the row's image and text, so that a task that is run again gives the same.
 *
 * <p>Spark's accumulators {@code blip2.images}, {@code blip2.errors} and {@code blip2.tokens} count
 * what has been done; a task that is run again counts again.
 */
public final class Blip2Transformer extends Transformer implements DefaultParamsWritable {
  private static final long serialVersionUID = 1;
  private static final int DEFAULT_TOKENS = 20;
  private static final int DEFAULT_BATCH = 8;

  private final String uid;
  private final Param<String> model;
  private final Param<String> backend;
  private final Param<String> precision;
  private final IntParam threads;
  private final Param<String> cacheDirectory;
  private final Param<String> task;
  private final Param<String> inputCol;
  private final Param<String> outputCol;
  private final Param<String> errorCol;
  private final Param<String> text;
  private final Param<String> textCol;
  private final IntParam batchSize;
  private final IntParam maxNewTokens;
  private final DoubleParam temperature;
  private final LongParam seed;

  /** With a new id. */
  public Blip2Transformer() {
    this(Identifiable$.MODULE$.randomUID("blip2"));
  }

  /**
   * With an id, as Spark reads one.
   *
   * @param uid of this stage
   */
  public Blip2Transformer(String uid) {
    this.uid = uid; // before the parameters, which ask for it
    model = param("model", "checkpoint directory, archive or owner/name");
    backend = param("backend", "such as onnx; empty for the best that is there");
    precision = param("precision", "of the weights; empty for the usual");
    threads = new IntParam(this, "threads", "of a forward pass; 0 for spark.task.cpus");
    cacheDirectory = param("cacheDirectory", "for derived files; empty for the usual");
    task = param("task", "one of " + Job.Task.names());
    inputCol = param("inputCol", "bytes or paths of images");
    outputCol = param("outputCol", "results");
    errorCol = param("errorCol", "why a row has no result");
    text = param("text", "prompt, question or description of all rows");
    textCol = param("textCol", "prompt, question or description of each row; empty for text");
    batchSize = new IntParam(this, "batchSize", "most rows that are worked on together");
    maxNewTokens = new IntParam(this, "maxNewTokens", "most tokens of a text");
    temperature = new DoubleParam(this, "temperature", "0 for the likeliest tokens");
    seed = new LongParam(this, "seed", "of what is drawn");
    for (Param<String> empty : List.of(backend, precision, cacheDirectory, text, textCol)) {
      setDefault(empty, "");
    }
    setDefault(task, "caption");
    setDefault(inputCol, "content");
    setDefault(outputCol, "result");
    setDefault(errorCol, "error");
    setDefault(threads, 0);
    setDefault(batchSize, DEFAULT_BATCH);
    setDefault(maxNewTokens, DEFAULT_TOKENS);
    setDefault(temperature, 0.0);
    setDefault(seed, 0L);
  }

  private Param<String> param(String name, String doc) {
    return new Param<>(this, name, doc);
  }

  @Override
  public String uid() {
    return uid;
  }

  private Job job() {
    ModelSpec spec =
        new ModelSpec(
            value(model), value(backend), value(precision), value(threads), value(cacheDirectory));
    return new Job(
        Job.Task.named(value(task)),
        spec,
        value(text),
        value(maxNewTokens),
        value(temperature),
        value(seed));
  }

  @SuppressWarnings("unchecked") // Scala's numbers are objects in its generics
  private <T> T value(Param<?> param) {
    if (!isDefined(param)) {
      throw new IllegalArgumentException(param.name() + " must be set: " + param.doc());
    }
    return (T) getOrDefault(param);
  }

  @Override
  public Dataset<Row> transform(Dataset<?> dataset) {
    StructType result = transformSchema(dataset.schema());
    Job job = job();
    String texts = value(textCol);
    int batch = value(batchSize);
    SparkContext context = dataset.sparkSession().sparkContext();
    RowBatches work =
        new RowBatches(
            job,
            dataset.schema().fieldIndex(value(inputCol)),
            texts.isEmpty() ? -1 : dataset.schema().fieldIndex(texts),
            batch,
            new RowBatches.Progress(
                context.longAccumulator("blip2.images"),
                context.longAccumulator("blip2.errors"),
                context.longAccumulator("blip2.tokens")));
    return dataset.toDF().mapPartitions(work, Encoders.row(result));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    Job job = job();
    int batch = value(batchSize);
    if (batch < 1) {
      throw new IllegalArgumentException("batchSize (" + batch + ") must be at least 1");
    }
    require(schema, value(inputCol), DataTypes.BinaryType, DataTypes.StringType);
    String texts = value(textCol);
    if (!texts.isEmpty()) {
      require(schema, texts, DataTypes.StringType, DataTypes.StringType);
    } else if (job.task().needsText() && job.text().isBlank()) {
      throw new IllegalArgumentException("text or textCol must be set for the task " + job.task());
    }
    StructType result = schema;
    for (Param<String> added : List.of(outputCol, errorCol)) {
      String name = value(added);
      if (List.of(result.fieldNames()).contains(name)) {
        throw new IllegalArgumentException(
            added.name() + " (" + name + ") must be a new column, but there is one");
      }
      result = result.add(name, added == outputCol ? job.task().result() : DataTypes.StringType);
    }
    return result;
  }

  private static void require(StructType schema, String column, DataType one, DataType other) {
    if (!List.of(schema.fieldNames()).contains(column)) {
      throw new IllegalArgumentException(
          "expected a column " + column + ", found " + String.join(", ", schema.fieldNames()));
    }
    DataType found = schema.apply(column).dataType();
    if (!found.equals(one) && !found.equals(other)) {
      throw new IllegalArgumentException(
          "column "
              + column
              + ": expected "
              + one.simpleString()
              + (one.equals(other) ? "" : " or " + other.simpleString())
              + ", found "
              + found.simpleString());
    }
  }

  @Override
  public Blip2Transformer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /**
   * Reads what {@code write} wrote.
   *
   * @return a reader
   */
  public static MLReader<Blip2Transformer> read() {
    return new DefaultParamsReadable<Blip2Transformer>() {}.read();
  }

  /**
   * Reads what {@code write} wrote.
   *
   * @param path where it is
   * @return the transformer
   * @throws IOException if it cannot be read
   */
  public static Blip2Transformer load(String path) throws IOException {
    return read().load(path);
  }

  /** Spark's parameter of {@link #setModel}. */
  public Param<String> model() {
    return model;
  }

  /**
   * Sets which model; required.
   *
   * @param value a checkpoint directory on every machine, the name of an unpacked archive, or
   *     owner/name
   * @return this
   */
  public Blip2Transformer setModel(String value) {
    set(model, value);
    return this;
  }

  /** Spark's parameter of {@link #setBackend}. */
  public Param<String> backend() {
    return backend;
  }

  /**
   * Sets the backend; by default the best that is there.
   *
   * @param value such as {@code onnx}
   * @return this
   */
  public Blip2Transformer setBackend(String value) {
    set(backend, value);
    return this;
  }

  /** Spark's parameter of {@link #setPrecision}. */
  public Param<String> precision() {
    return precision;
  }

  /**
   * Sets the precision of the weights.
   *
   * @param value such as {@code int8}
   * @return this
   */
  public Blip2Transformer setPrecision(String value) {
    set(precision, value);
    return this;
  }

  /** Spark's parameter of {@link #setThreads}. */
  public IntParam threads() {
    return threads;
  }

  /**
   * Sets the threads of a forward pass; by default {@code spark.task.cpus}.
   *
   * @param value at least 0, which is the default
   * @return this
   */
  public Blip2Transformer setThreads(int value) {
    set(threads, value);
    return this;
  }

  /** Spark's parameter of {@link #setCacheDirectory}. */
  public Param<String> cacheDirectory() {
    return cacheDirectory;
  }

  /**
   * Sets where executors keep derived files.
   *
   * @param value a folder on every machine
   * @return this
   */
  public Blip2Transformer setCacheDirectory(String value) {
    set(cacheDirectory, value);
    return this;
  }

  /** Spark's parameter of {@link #setTask}. */
  public Param<String> task() {
    return task;
  }

  /**
   * Sets what is done; {@code caption} by default.
   *
   * @param value {@code caption}, {@code answer}, {@code embed}, {@code features} or {@code match}
   * @return this
   */
  public Blip2Transformer setTask(String value) {
    set(task, value);
    return this;
  }

  /** Spark's parameter of {@link #setInputCol}. */
  public Param<String> inputCol() {
    return inputCol;
  }

  /**
   * Sets the column of images; {@code content} by default.
   *
   * @param value of bytes, or of paths
   * @return this
   */
  public Blip2Transformer setInputCol(String value) {
    set(inputCol, value);
    return this;
  }

  /** Spark's parameter of {@link #setOutputCol}. */
  public Param<String> outputCol() {
    return outputCol;
  }

  /**
   * Sets the column of results; {@code result} by default.
   *
   * @param value a new name
   * @return this
   */
  public Blip2Transformer setOutputCol(String value) {
    set(outputCol, value);
    return this;
  }

  /** Spark's parameter of {@link #setErrorCol}. */
  public Param<String> errorCol() {
    return errorCol;
  }

  /**
   * Sets the column of errors; {@code error} by default.
   *
   * @param value a new name
   * @return this
   */
  public Blip2Transformer setErrorCol(String value) {
    set(errorCol, value);
    return this;
  }

  /** Spark's parameter of {@link #setText}. */
  public Param<String> text() {
    return text;
  }

  /**
   * Sets the prompt, question or description of all rows.
   *
   * @param value a text
   * @return this
   */
  public Blip2Transformer setText(String value) {
    set(text, value);
    return this;
  }

  /** Spark's parameter of {@link #setTextCol}. */
  public Param<String> textCol() {
    return textCol;
  }

  /**
   * Sets the column with the prompt, question or description of each row.
   *
   * @param value of strings; empty for {@code text}
   * @return this
   */
  public Blip2Transformer setTextCol(String value) {
    set(textCol, value);
    return this;
  }

  /** Spark's parameter of {@link #setBatchSize}. */
  public IntParam batchSize() {
    return batchSize;
  }

  /**
   * Sets the most rows that are worked on together; 8 by default.
   *
   * @param value at least 1
   * @return this
   */
  public Blip2Transformer setBatchSize(int value) {
    set(batchSize, value);
    return this;
  }

  /** Spark's parameter of {@link #setMaxNewTokens}. */
  public IntParam maxNewTokens() {
    return maxNewTokens;
  }

  /**
   * Sets the most tokens of a text; 20 by default.
   *
   * @param value at least 1
   * @return this
   */
  public Blip2Transformer setMaxNewTokens(int value) {
    set(maxNewTokens, value);
    return this;
  }

  /** Spark's parameter of {@link #setTemperature}. */
  public DoubleParam temperature() {
    return temperature;
  }

  /**
   * Sets the temperature of what is drawn; 0 by default, which draws nothing.
   *
   * @param value at least 0
   * @return this
   */
  public Blip2Transformer setTemperature(double value) {
    set(temperature, value);
    return this;
  }

  /** Spark's parameter of {@link #setSeed}. */
  public LongParam seed() {
    return seed;
  }

  /**
   * Sets the seed of what is drawn.
   *
   * @param value any number
   * @return this
   */
  public Blip2Transformer setSeed(long value) {
    set(seed, value);
    return this;
  }
}
