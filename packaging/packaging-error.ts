/** What stops a package from being made, and what to do about it: for a person, without a stack. */
export class PackagingError extends Error {
  readonly advice: string;

  constructor(message: string, advice: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "PackagingError";
    this.advice = advice;
  }
}
