export function loopback(url: string): string;
