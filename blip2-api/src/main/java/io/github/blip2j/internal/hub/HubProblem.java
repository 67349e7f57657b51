package io.github.blip2j.internal.hub;

import io.github.blip2j.core.DownloadException;

/**
 * Why something was not had from the Hub.
 *
 * @param error for the user, if it stays so
 * @param temporary whether another try may help
 * @param waitSeconds that the server asks to wait before it; 0 if it does not
 */
record HubProblem(DownloadException error, boolean temporary, long waitSeconds) {
  /** One that another try may mend. */
  static HubProblem temporary(String message) {
    return new HubProblem(new DownloadException(message), true, 0);
  }

  static HubProblem lasting(String message) {
    return new HubProblem(new DownloadException(message), false, 0);
  }
}
