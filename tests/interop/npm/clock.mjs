// The instant at which a peer judges. Some read the machine's clock and take no
// instant, and a test must not depend on the day on which it runs.

const MachineDate = globalThis.Date;

/** Let `new Date()` and `Date.now()` stand at `instant` in this process. */
export function standAt(instant) {
  const milliseconds = new MachineDate(instant).getTime();
  globalThis.Date = class Date extends MachineDate {
    constructor(...parts) {
      super(...(parts.length === 0 ? [milliseconds] : parts));
    }

    static now() {
      return milliseconds;
    }
  };
}
