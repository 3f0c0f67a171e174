/** Waits for two things that go on at once. The first failure is thrown when both have ended, so that nothing goes on in folders that the caller removes. */
export async function bothToTheEnd<A, B>(one: Promise<A>, other: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}
