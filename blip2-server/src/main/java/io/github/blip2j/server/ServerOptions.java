package io.github.blip2j.server;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * How a server runs.
 *
 * @param address where it listens; port 0 for any free one
 * @param access who may ask
 * @param limits what requests may ask for at most
 * @param timeouts how long things may take
 * @param modelName what requests call the model
 * @param accessLog is told of every request that was answered, in the thread that answered it;
 *     should return soon and throw nothing
 * @param search images that are found by a text, or none
 */
public record ServerOptions(
    InetSocketAddress address,
    ServerAccess access,
    ServerLimits limits,
    ServerTimeouts timeouts,
    String modelName,
    Consumer<? super AccessEntry> accessLog,
    @Nullable ImageSearch search) {
  /** The port unless another is set. */
  public static final int DEFAULT_PORT = 8080;

  /** Checks the name. */
  public ServerOptions {
    if (!modelName.matches("[A-Za-z0-9._/:-]+")) {
      throw new IllegalArgumentException(
          "modelName (" + modelName + ") must be of letters, digits and . _ / : -");
    }
  }

  /**
   * On {@code 127.0.0.1:8080}, for this machine alone, with a model called {@code blip2} and no
   * access log.
   *
   * @return the defaults
   */
  public static ServerOptions defaults() {
    return new ServerOptions(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), DEFAULT_PORT),
        ServerAccess.defaults(),
        ServerLimits.defaults(),
        ServerTimeouts.defaults(),
        "blip2",
        entry -> {},
        null);
  }

  /**
   * The same at another address.
   *
   * @param changed where it listens; one of the network lets others ask: set a token
   * @return changed options
   */
  public ServerOptions withAddress(InetSocketAddress changed) {
    return new ServerOptions(changed, access, limits, timeouts, modelName, accessLog, search);
  }

  /**
   * The same at another port of this machine alone.
   *
   * @param port 0 for any free one
   * @return changed options
   */
  public ServerOptions withPort(int port) {
    return withAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  /**
   * The same for others.
   *
   * @param changed who may ask
   * @return changed options
   */
  public ServerOptions withAccess(ServerAccess changed) {
    return new ServerOptions(address, changed, limits, timeouts, modelName, accessLog, search);
  }

  /**
   * The same with other limits.
   *
   * @param changed what requests may ask for at most
   * @return changed options
   */
  public ServerOptions withLimits(ServerLimits changed) {
    return new ServerOptions(address, access, changed, timeouts, modelName, accessLog, search);
  }

  /**
   * The same with other times.
   *
   * @param changed how long things may take
   * @return changed options
   */
  public ServerOptions withTimeouts(ServerTimeouts changed) {
    return new ServerOptions(address, access, limits, changed, modelName, accessLog, search);
  }

  /**
   * The same with another name of the model.
   *
   * @param changed what requests call it
   * @return changed options
   */
  public ServerOptions withModelName(String changed) {
    return new ServerOptions(address, access, limits, timeouts, changed, accessLog, search);
  }

  /**
   * The same with an access log.
   *
   * @param changed is told of every request that was answered
   * @return changed options
   */
  public ServerOptions withAccessLog(Consumer<? super AccessEntry> changed) {
    return new ServerOptions(address, access, limits, timeouts, modelName, changed, search);
  }

  /**
   * The same with images that are found by a text.
   *
   * @param changed what finds them; stays its caller's, and must be open until the server is closed
   * @return changed options
   */
  public ServerOptions withSearch(ImageSearch changed) {
    return new ServerOptions(address, access, limits, timeouts, modelName, accessLog, changed);
  }
}
