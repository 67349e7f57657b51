package io.github.blip2j.internal.hub;

import io.github.blip2j.core.DownloadException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Set;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Answers and failures in words: what went wrong with a model, and what to do.
 *
 * @param name the model
 * @param settings with which it is asked for
 */
record HubErrors(HubName name, HubSettings settings) {
  private static final Set<Integer> TEMPORARY = Set.of(408, 429, 500, 502, 503, 504);
  private static final int LONGEST = 200;

  /**
   * What an answer that brings nothing means.
   *
   * @param what was asked for: a file, or the revision itself
   */
  HubProblem of(HubAnswer answer, String what) {
    int status = answer.status();
    if (status == HubAnswer.PROXY_LOGIN) {
      return HubProblem.lasting(proxyLogin());
    }
    if (!answer.hub()) {
      return storage(answer, what);
    }
    if (TEMPORARY.contains(status)) {
      return new HubProblem(
          new DownloadException(subject(what) + ": " + said(answer)), true, answer.waitSeconds());
    }
    return HubProblem.lasting(refused(answer, what));
  }

  /** A signed address may have expired, and a 403 or 404 of a storage host may pass. */
  private HubProblem storage(HubAnswer answer, String what) {
    String message = subject(what) + ": " + said(answer);
    return new HubProblem(new DownloadException(message), true, answer.waitSeconds());
  }

  private String refused(HubAnswer answer, String what) {
    HubSettings.Token token = settings.token();
    String code = answer.header("X-Error-Code");
    int status = answer.status();
    if (code.equals("GatedRepo")) {
      return gated(token);
    }
    if (status == HubAnswer.UNAUTHORIZED
        && token != null
        && answer.header("X-Error-Message").startsWith("Invalid credentials")) {
      return name.id()
          + ": the Hub does not accept the token in "
          + token.source()
          + ": make a new one at "
          + settings.endpoint()
          + "/settings/tokens, or remove it";
    }
    if (code.equals("RevisionNotFound")) {
      return name.id() + ": no revision \"" + name.revision() + "\": see " + page() + "/tree/main";
    }
    if (code.equals("EntryNotFound")) {
      return subject(what) + ": the Hub lists this file and does not have it";
    }
    if (code.equals("RepoNotFound")
        || status == HubAnswer.UNAUTHORIZED
        || status == HubAnswer.NOT_FOUND) {
      return unknown(token);
    }
    String answered = subject(what) + ": " + said(answer);
    return status == HubAnswer.FORBIDDEN && token != null
        ? answered + "; does the token in " + token.source() + " allow reading?"
        : answered;
  }

  private String gated(HubSettings.@Nullable Token token) {
    return token == null
        ? name.id()
            + ": its owner wants to know who uses it: accept the conditions at "
            + page()
            + " and set HF_TOKEN to a token of your account"
        : name.id()
            + ": the account of the token in "
            + token.source()
            + " has no access to this gated model: accept the conditions at "
            + page();
  }

  private String unknown(HubSettings.@Nullable Token token) {
    String none = name.id() + ": no such model at " + settings.endpoint();
    return token == null
        ? none + ", or a private one: check the name, or set HF_TOKEN to a token that may read it"
        : none
            + ", or one that the token in "
            + token.source()
            + " may not read: check the name and the token's rights";
  }

  private String page() {
    return settings.endpoint() + "/" + name.id();
  }

  private static String proxyLogin() {
    return "the proxy wants a name and a password: put them into the variable that names it"
        + " (http://name:password@host:port), and start Java with"
        + " -Djdk.http.auth.tunneling.disabledSchemes= so that it may send them";
  }

  private static String said(HubAnswer answer) {
    String text = answer.header("X-Error-Message").replaceAll("\\p{Cntrl}", " ").strip();
    String shown = text.length() > LONGEST ? text.substring(0, LONGEST) + "…" : text;
    return answer.host()
        + " answered "
        + answer.status()
        + (shown.isEmpty() ? "" : " (" + shown + ")");
  }

  /**
   * What a failure of the connection means.
   *
   * @param reached whether any server has answered before: without one, waiting helps seldom
   */
  HubProblem of(IOException e, String what, boolean reached) {
    if (e instanceof InterruptedIOException) {
      return new HubProblem(new DownloadException("the download was interrupted", e), false, 0);
    }
    boolean connecting = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
    boolean lasting = e instanceof SSLException || connecting && !reached;
    String advice =
        lasting ? "; check the network, and the proxy if there is one (docs/hub.md)" : "";
    return new HubProblem(
        new DownloadException(subject(what) + ": " + reason(e) + advice, e), !lasting, 0);
  }

  private String reason(IOException e) {
    String host = settings.endpoint().getHost();
    if (e instanceof ConnectException) {
      return (isUnresolved(e) ? "no address is known of " : "no connection to ") + host;
    }
    if (e instanceof HttpConnectTimeoutException) {
      return "no connection to " + host + " within " + settings.answer().toSeconds() + " s";
    }
    if (e instanceof HttpTimeoutException) {
      return "nothing came for " + settings.stall().toSeconds() + " s";
    }
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private static boolean isUnresolved(Throwable e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof UnresolvedAddressException) {
        return true;
      }
    }
    return false;
  }

  private String subject(String what) {
    return what.isEmpty() ? name.toString() : name.id() + "/" + what;
  }
}
