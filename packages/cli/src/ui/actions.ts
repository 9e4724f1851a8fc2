/** What the keys of a live view can do. */
export interface ViewActions {
  /** Ends the view, never the job. */
  leave(): void;
  /** Each returns a sentence to show. */
  cancel(jobId: string): Promise<string>;
  saveReport(jobId: string, filename: string): Promise<string>;
}
