/** What the keys of a live view can do. */
export interface ViewActions {
  /** Closes the view. Never stops the job. */
  leave(): void;
  /** Cancels a job. Each of these actions returns a sentence to show. */
  cancel(jobId: string, filename: string): Promise<string>;
  /** Accepts or discards a held job. */
  accept(jobId: string, filename: string): Promise<string>;
  discard(jobId: string, filename: string): Promise<string>;
  /** `over`: the job has ended, so its report is complete. Without rejected rows, no file is written. */
  saveReport(jobId: string, filename: string, over: boolean): Promise<string>;
}
