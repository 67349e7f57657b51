package io.github.blip2j.spark;

import java.io.Serializable;
import org.apache.spark.sql.SparkSessionExtensions;
import org.apache.spark.sql.catalyst.FunctionIdentifier;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.ExpressionInfo;
import org.apache.spark.sql.catalyst.expressions.ScalaUDF;
import org.apache.spark.sql.internal.SQLConf;
import scala.Function1;
import scala.Function2;
import scala.Option;
import scala.Tuple3;
import scala.collection.immutable.Nil$;
import scala.collection.immutable.Seq;
import scala.runtime.AbstractFunction1;
import scala.runtime.BoxedUnit;

/**
 * The functions of {@link Blip2Functions} in every session, for SQL and Python programs that cannot
 * register them: {@code spark.sql.extensions=io.github.blip2j.spark.Blip2Extensions}. The model is
 * {@code spark.blip2.model}, as it is when a query is analysed, with {@code spark.blip2.backend},
 * {@code spark.blip2.precision}, {@code spark.blip2.threads} and {@code spark.blip2.cacheDirectory}
 * as {@link ModelSpec} has them.
 */
public final class Blip2Extensions extends AbstractFunction1<SparkSessionExtensions, BoxedUnit> {
  /** For Spark. */
  public Blip2Extensions() {}

  @Override
  public BoxedUnit apply(SparkSessionExtensions extensions) {
    for (Job.Task task : Job.Task.values()) {
      String name = Blip2Functions.name(task);
      extensions.injectFunction(
          new Tuple3<>(
              new FunctionIdentifier(name),
              new ExpressionInfo(Blip2Functions.class.getName(), name),
              new Building(task)));
    }
    return BoxedUnit.UNIT;
  }

  /** From arguments to a call. */
  private static final class Building extends AbstractFunction1<Seq<Expression>, Expression> {
    private final Job.Task task;

    Building(Job.Task task) {
      this.task = task;
    }

    @Override
    public Expression apply(Seq<Expression> arguments) {
      String name = Blip2Functions.name(task);
      int wanted = task.needsText() ? 2 : 1;
      if (arguments.size() != wanted) {
        throw new IllegalArgumentException(
            name + ": expected " + wanted + " arguments, found " + arguments.size());
      }
      Job job = Blip2Functions.job(task, spec());
      return new ScalaUDF(
          function(job),
          Blip2Functions.type(task),
          arguments,
          nothing(),
          Option.empty(),
          Option.apply(name),
          true, // may be null
          true); // the same again
    }

    private static Object function(Job job) {
      if (job.task().needsText()) {
        return (Function2<Object, String, Object> & Serializable)
            (image, text) -> Blip2Functions.one(job, image, text);
      }
      return (Function1<Object, Object> & Serializable) image -> Blip2Functions.one(job, image, "");
    }

    @SuppressWarnings("unchecked") // an empty list is one of anything
    private static <T> Seq<T> nothing() {
      return (Seq<T>) (Seq<?>) Nil$.MODULE$;
    }

    private static ModelSpec spec() {
      SQLConf conf = SQLConf.get();
      return new ModelSpec(
          conf.getConfString("spark.blip2.model", ""),
          conf.getConfString("spark.blip2.backend", ""),
          conf.getConfString("spark.blip2.precision", ""),
          Integer.parseInt(conf.getConfString("spark.blip2.threads", "0")),
          conf.getConfString("spark.blip2.cacheDirectory", ""));
    }
  }
}
