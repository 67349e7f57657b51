package io.github.blip2j.djl;

import com.sun.jna.Function;
import io.github.blip2j.host.Host;
import java.util.stream.Stream;

/**
 * How PyTorch's threads wait for each other: asleep. Left alone they spin, for milliseconds at the
 * end of each of a model's thousand small loops, on processors that the thread for which they wait
 * may need: where processors are shared, a step takes a hundred times as long. OpenMP reads its
 * setting from the environment once, when PyTorch's libraries are loaded, and Java has no call that
 * changes the environment; so the C library's is called, through the library (JNA) that DJL brings.
 */
final class WaitingThreads {
  private static final String POLICY = "OMP_WAIT_POLICY";
  private static final String[] SETTINGS = {POLICY, "GOMP_SPINCOUNT", "KMP_BLOCKTIME"};
  private static final int KEEP = 0; // what is set already

  private WaitingThreads() {}

  /**
   * To be called before PyTorch's libraries are loaded. A setting of the user's or the
   * application's is kept.
   */
  static void sleep() {
    if (Host.platform().startsWith("Windows")
        || Stream.of(SETTINGS).anyMatch(name -> Host.setting(name) != null)) {
      return;
    }
    try {
      Function.getFunction("c", "setenv").invokeInt(new Object[] {POLICY, "PASSIVE", KEEP});
    } catch (LinkageError | RuntimeException e) {
      // They spin, as they would without; launchers can set it in the environment.
    }
  }
}
