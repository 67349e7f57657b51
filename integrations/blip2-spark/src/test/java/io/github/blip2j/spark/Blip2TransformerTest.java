package io.github.blip2j.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.blip2j.Blip2;
import io.github.blip2j.demo.DemoModel;
import io.github.blip2j.image.ImageSource;
import io.github.blip2j.retrieval.Match;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What two task threads in one process make of a column is what the library makes itself. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class Blip2TransformerTest {
  private static final String CAPTIONER = DemoModel.captioner().toString();
  private static final String MATCHER = DemoModel.matcher().toString();
  private static final String QUESTION = "what colour is the circle?";

  private final Blip2 captioner = Blip2.builder().model(CAPTIONER).backend("onnx").load();
  private final Blip2 matcher = Blip2.builder().model(MATCHER).backend("onnx").load();
  private SparkSession spark;

  @BeforeAll
  void start() {
    spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", false)
            .config("spark.sql.shuffle.partitions", 3)
            .config("spark.sql.extensions", Blip2Extensions.class.getName())
            .config("spark.blip2.model", CAPTIONER)
            .getOrCreate();
  }

  @AfterAll
  void stop() {
    spark.stop();
    captioner.close();
    matcher.close();
  }

  private static Blip2Transformer captions() {
    return new Blip2Transformer().setModel(CAPTIONER).setBatchSize(3);
  }

  private static Blip2Transformer matches(String task) {
    return new Blip2Transformer().setModel(MATCHER).setTask(task).setBatchSize(3);
  }

  private static ImageSource sample(int number) {
    return ImageSource.of(Scenes.sample(number));
  }

  private Dataset<Row> samples() {
    List<Row> rows =
        IntStream.range(0, 6).mapToObj(i -> RowFactory.create(i, Scenes.sample(i))).toList();
    return spark.createDataFrame(rows, Scenes.SCHEMA).repartition(3);
  }

  private static Row row(Map<Integer, Row> results, int id) {
    return Objects.requireNonNull(results.get(id));
  }

  /** Results by the number of their row. */
  private static Map<Integer, Row> byId(Dataset<Row> results) {
    Map<Integer, Row> all = new HashMap<>();
    for (Row row : results.collectAsList()) {
      assertThat(all.put(row.getAs("id"), row)).as("a row comes once").isNull();
    }
    return all;
  }

  @Test
  void captionsStandBesideTheirRows() {
    Map<Integer, Row> results = byId(captions().transform(samples()));
    assertThat(results).hasSize(6);
    for (int i = 0; i < 6; i++) {
      Row row = row(results, i);
      assertThat(row.<String>getAs("result"))
          .isEqualTo(captioner.caption(sample(i)).text())
          .isNotBlank();
      assertThat(row.<String>getAs("error")).isNull();
      assertThat(row.<byte[]>getAs("content")).isEqualTo(Scenes.sample(i));
    }
  }

  @Test
  void filesAreReadByTheirPathsOrContents() {
    Dataset<Row> files = spark.read().format("binaryFile").load(Scenes.folder().toUri().toString());
    List<Row> byContent =
        captions().transform(files).select("path", "result").orderBy("path").collectAsList();
    List<Row> byPath =
        captions()
            .setInputCol("path")
            .transform(files.select("path"))
            .select("path", "result")
            .orderBy("path")
            .collectAsList();
    assertThat(byPath).hasSize(6).isEqualTo(byContent);
    assertThat(byPath.get(0).getString(1)).isEqualTo(captioner.caption(sample(0)).text());
  }

  @Test
  void rowsThatFailHaveTheirErrorAndTheOthersGoOn() {
    byte[] broken = "no image".getBytes(StandardCharsets.UTF_8);
    String tooLong = "very ".repeat(3000);
    StructType schema = Scenes.SCHEMA.add("question", DataTypes.StringType);
    List<Row> rows =
        List.of(
            RowFactory.create(0, Scenes.sample(0), QUESTION),
            RowFactory.create(1, broken, QUESTION),
            RowFactory.create(2, null, QUESTION),
            RowFactory.create(3, Scenes.sample(3), null),
            RowFactory.create(4, Scenes.sample(4), tooLong),
            RowFactory.create(5, Scenes.sample(5), QUESTION));
    Map<Integer, Row> results =
        byId(
            captions()
                .setTask("answer")
                .setTextCol("question")
                .setBatchSize(6)
                .transform(spark.createDataFrame(rows, schema).coalesce(1)));
    for (int sound : List.of(0, 5)) {
      assertThat(row(results, sound).<String>getAs("result"))
          .isEqualTo(captioner.ask(sample(sound), QUESTION).text());
      assertThat(row(results, sound).<String>getAs("error")).isNull();
    }
    for (int bad = 1; bad < 5; bad++) {
      assertThat(row(results, bad).<Object>getAs("result")).isNull();
      assertThat(row(results, bad).<String>getAs("error")).as("row %d", bad).isNotBlank();
    }
    assertThat(row(results, 2).<String>getAs("error")).contains("found null");
    assertThat(row(results, 3).<String>getAs("error")).contains("text: expected one");
  }

  @Test
  void aPathThatIsNotThereIsAnErrorOfItsRow() {
    StructType schema =
        new StructType().add("id", DataTypes.IntegerType).add("content", DataTypes.StringType);
    List<Row> rows = List.of(RowFactory.create(0, Path.of("none.png").toUri().toString()));
    Row row = captions().transform(spark.createDataFrame(rows, schema)).first();
    assertThat(row.<String>getAs("error")).contains("none.png");
  }

  @Test
  void vectorsAndScoresAreTheMatchers() {
    Row embedded = row(byId(matches("embed").transform(samples())), 2);
    float[] mean = matcher.encode(sample(2)).meanEmbedding();
    assertThat(embedded.<Float>getList(2)).hasSize(mean.length);
    for (int i = 0; i < mean.length; i++) {
      assertThat(embedded.<Float>getList(2).get(i)).isCloseTo(mean[i], within(1e-5f));
    }
    float[][] queries = matcher.encode(sample(1)).projected();
    Row features = row(byId(matches("features").transform(samples())), 1);
    assertThat(features.<Object>getList(2)).hasSize(queries.length);
    Row score = row(byId(matches("match").setText("a red circle").transform(samples())), 4);
    Match match = matcher.matcher().match(sample(4), "a red circle");
    assertThat(score.getDouble(2)).isCloseTo(match.itmProbability(), within(1e-5));
  }

  @Test
  void whatIsDrawnDoesNotDependOnHowRowsAreSpread() {
    Blip2Transformer drawing = captions().setTemperature(1.5).setSeed(7);
    Dataset<Row> rows = Scenes.drawn(spark, 12, 1);
    Map<Integer, Row> once = byId(drawing.transform(rows).drop("content"));
    assertThat(byId(drawing.setBatchSize(1).transform(rows.repartition(4)).drop("content")))
        .isEqualTo(once);
    assertThat(byId(drawing.setSeed(8).transform(rows).drop("content"))).isNotEqualTo(once);
  }

  @Test
  void sqlHasFunctions() {
    Blip2Functions.register(spark, CAPTIONER);
    samples().createOrReplaceTempView("images");
    List<Row> rows =
        spark
            .sql(
                "select id, blip2_caption(content).result, blip2_answer(content, '"
                    + QUESTION
                    + "').result, blip2_caption(cast(null as binary)).error from images where id <"
                    + " 2 order by id")
            .collectAsList();
    for (int i = 0; i < 2; i++) {
      assertThat(rows.get(i).getString(1)).isEqualTo(captioner.caption(sample(i)).text());
      assertThat(rows.get(i).getString(2)).isEqualTo(captioner.ask(sample(i), QUESTION).text());
      assertThat(rows.get(i).getString(3)).contains("found null");
    }
  }

  @Test
  void aSessionHasTheFunctionsByItsConfigurationAlone() {
    SparkSession fresh = spark.newSession();
    samples().createOrReplaceGlobalTempView("configured");
    String from = " from global_temp.configured where id = 3";
    assertThat(fresh.sql("select blip2_caption(content).result" + from).first().getString(0))
        .isEqualTo(captioner.caption(sample(3)).text());
    assertThat(
            fresh
                .sql("select blip2_answer(content, '" + QUESTION + "').result" + from)
                .first()
                .getString(0))
        .isEqualTo(captioner.ask(sample(3), QUESTION).text());
    fresh.conf().set("spark.blip2.model", MATCHER);
    Row match = fresh.sql("select blip2_match(content, 'a red circle')" + from).first();
    assertThat(match.getStruct(0).getDouble(0))
        .isCloseTo(
            matcher.matcher().match(sample(3), "a red circle").itmProbability(), within(1e-5));
    Row features = fresh.sql("select size(blip2_features(content).result)" + from).first();
    assertThat(features.getInt(0)).isEqualTo(matcher.encode(sample(3)).projected().length);
    assertThatThrownBy(() -> fresh.sql("select blip2_match(content)" + from).collect())
        .hasStackTraceContaining("expected 2 arguments, found 1");
    fresh.conf().set("spark.blip2.model", "");
    assertThatThrownBy(() -> fresh.sql("select blip2_caption(content)" + from).collect())
        .hasStackTraceContaining("expected a checkpoint directory");
  }

  @Test
  void aPipelineIsSavedAndRead(@TempDir Path folder) throws Exception {
    Blip2Transformer stage =
        captions().setText("a picture of").setMaxNewTokens(7).setSeed(3).setTemperature(0.5);
    String path = folder.resolve("pipeline").toUri().toString();
    PipelineModel model = new Pipeline().setStages(new PipelineStage[] {stage}).fit(samples());
    model.write().overwrite().save(path);
    Blip2Transformer read = (Blip2Transformer) PipelineModel.load(path).stages()[0];
    assertThat(read.uid()).isEqualTo(stage.uid());
    assertThat(read.explainParams()).isEqualTo(stage.explainParams());
    stage.write().overwrite().save(path + "-alone");
    assertThat(Blip2Transformer.load(path + "-alone").explainParams())
        .isEqualTo(stage.explainParams());
  }

  @Test
  void oneModelServesAllTasksOfAProcess() {
    ModelSpec spec = ModelSpec.of(CAPTIONER);
    assertThat(ExecutorModels.model(spec)).isSameAs(ExecutorModels.model(ModelSpec.of(CAPTIONER)));
    assertThat(ExecutorModels.model(new ModelSpec(CAPTIONER, "onnx", "", 1, "")))
        .isNotSameAs(ExecutorModels.model(spec));
  }

  @Test
  void columnsAndParametersAreCheckedBeforeAnythingRuns() {
    Dataset<Row> rows = samples();
    for (Blip2Transformer wrong :
        List.of(
            captions().setInputCol("image"),
            captions().setInputCol("id"),
            captions().setOutputCol("id"),
            captions().setErrorCol("content"),
            captions().setTask("sing"),
            captions().setTask("answer"),
            captions().setBatchSize(0),
            captions().setMaxNewTokens(0),
            captions().setTemperature(-1),
            captions().setTextCol("content"),
            new Blip2Transformer())) {
      assertThatIllegalArgumentException().isThrownBy(() -> wrong.transform(rows));
    }
    assertThat(captions().transformSchema(Scenes.SCHEMA).simpleString())
        .isEqualTo("struct<id:int,content:binary,result:string,error:string>");
    assertThatThrownBy(() -> captions().setModel("no/such-model").transform(rows).count())
        .hasStackTraceContaining("no/such-model");
  }

  @Test
  void progressIsCounted() {
    long images = counted("blip2.images");
    captions().transform(samples()).collectAsList();
    assertThat(counted("blip2.images") - images).isEqualTo(6);
  }

  /** What Spark's own listener bus has seen of an accumulator. */
  private long counted(String name) {
    org.apache.spark.status.AppStatusStore store = spark.sparkContext().statusStore();
    long sum = 0;
    scala.collection.Iterator<org.apache.spark.status.api.v1.StageData> stages =
        store.stageList(null, false, false, new double[0], null).iterator();
    while (stages.hasNext()) {
      scala.collection.Iterator<org.apache.spark.status.api.v1.AccumulableInfo> all =
          stages.next().accumulatorUpdates().iterator();
      while (all.hasNext()) {
        org.apache.spark.status.api.v1.AccumulableInfo one = all.next();
        sum += one.name().equals(name) ? Long.parseLong(one.value()) : 0;
      }
    }
    return sum;
  }
}
