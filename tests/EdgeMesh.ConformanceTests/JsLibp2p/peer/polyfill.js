// js-libp2p 3 wants Node 22; this is all that Node 20 lacks for what the tests use.
Promise.withResolvers ??= function withResolvers () {
  let resolve
  let reject
  const promise = new Promise((res, rej) => {
    resolve = res
    reject = rej
  })
  return { promise, resolve, reject }
}
