/** What the keys of a live view can do. */
export interface ViewActions {
  /** Ends the view, never the job. */
  leave(): void;
  /** Each returns a sentence to show. */
  cancel(jobId: string): Promise<string>;
  /** Of a held job. */
  accept(jobId: string): Promise<string>;
  discard(jobId: string): Promise<string>;
  /** `over`: the job has ended, so that its report is whole. */
  saveReport(jobId: string, filename: string, over: boolean): Promise<string>;
}
