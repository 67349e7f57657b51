package io.github.blip2j.spark;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.spark.executor.TaskMetrics;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;

/** What Spark tells of the tasks of one stage: that of so many tasks. */
final class TaskLog extends SparkListener {
  private final int tasks;
  private final int before;
  private final Set<Integer> stages = new HashSet<>();
  private final CompletableFuture<String> busy = new CompletableFuture<>();
  private int done;
  private int lost;
  private long runMillis;
  private long cpuNanos;

  /**
   * Listens for a stage.
   *
   * @param tasks how many it has, which no other stage has
   * @param before how many must have succeeded before an executor is called {@link #busy}
   */
  TaskLog(int tasks, int before) {
    this.tasks = tasks;
    this.before = before;
  }

  @Override
  public synchronized void onStageSubmitted(SparkListenerStageSubmitted event) {
    if (event.stageInfo().numTasks() == tasks) {
      stages.add(event.stageInfo().stageId()); // a later attempt has fewer tasks
    }
  }

  @Override
  public synchronized void onTaskStart(SparkListenerTaskStart event) {
    if (stages.contains(event.stageId()) && done >= before) {
      busy.complete(event.taskInfo().executorId());
    }
  }

  @Override
  public synchronized void onTaskEnd(SparkListenerTaskEnd event) {
    if (!stages.contains(event.stageId())) {
      return;
    }
    if (event.taskInfo().successful()) {
      done++;
      TaskMetrics metrics = event.taskMetrics();
      runMillis += metrics.executorRunTime();
      cpuNanos += metrics.executorCpuTime();
    } else {
      lost++;
    }
  }

  /** An executor that has just begun a task in the middle of the stage; done once there is one. */
  CompletableFuture<String> busy() {
    return busy;
  }

  /** Attempts that ended without success. */
  synchronized int lost() {
    return lost;
  }

  /** Time that tasks ran, without waiting for their turn; of those that succeeded. */
  synchronized double runSeconds() {
    return runMillis / 1e3;
  }

  /** Time that their threads were on a core. */
  synchronized double cpuSeconds() {
    return cpuNanos / 1e9;
  }
}
