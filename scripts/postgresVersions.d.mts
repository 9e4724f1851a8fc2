export function postgresFolder(version: string): string | undefined;
export function hasPostgres(version: string): boolean;
