// js-libp2p as the other side of the conformance tests. One JSON object a line on standard input asks, one on standard
// output answers: {"id":1,"do":"ping"} -> {"id":1,"ok":{...}} or {"id":1,"error":"..."}. Ends with its standard input.
import './polyfill.js'
import { createHash, randomBytes } from 'node:crypto'
import { createInterface } from 'node:readline'
import { identify, identifyPush } from '@libp2p/identify'
import { noise } from '@libp2p/noise'
import { ping } from '@libp2p/ping'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { createLibp2p } from 'libp2p'

const ECHO = '/echo/1.0.0'
const STALL = '/stall/1.0.0'
const RESET = '/reset/1.0.0'

const node = await createLibp2p({
  addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
  transports: [tcp()],
  connectionEncrypters: [noise()],
  streamMuxers: [yamux()],
  // Room for a hundred streams at once; the default is 64.
  connectionManager: { maxIncomingPendingConnections: 100 },
  services: { identify: identify(), identifyPush: identifyPush(), ping: ping() }
})

const stalled = []
let resetsSeen = 0

function digest (chunks) {
  const hash = createHash('sha256')
  for (const chunk of chunks) {
    hash.update(chunk)
  }
  return hash.digest('hex')
}

// Listens at once: the stream's own iterator misses a FIN that came before it was attached.
function collect (stream) {
  const chunks = []
  return new Promise((resolve, reject) => {
    stream.addEventListener('message', event => { chunks.push(event.data.subarray()) })
    // A reset, too, is an end of reading; its 'close' follows with the error.
    stream.addEventListener('end', () => { stream.status !== 'reset' && resolve(chunks) })
    stream.addEventListener('close', event => { event.error == null ? resolve(chunks) : reject(event.error) })
  })
}

async function sendAll (stream, data) {
  for (let i = 0; i < data.length; i += 65536) {
    if (!stream.send(data.subarray(i, i + 65536))) {
      await stream.onDrain()
    }
  }
  await stream.close()
}

const options = { maxInboundStreams: 200, maxOutboundStreams: 200 }

await node.handle(ECHO, async stream => {
  // js grants windows of up to 16 MiB, but resets a stream that holds 4 MiB while it is paused.
  stream.maxReadBufferLength = 32 * 1024 * 1024
  stream.addEventListener('message', event => {
    if (!stream.send(event.data)) {
      stream.pause()
      stream.onDrain().then(() => { stream.readStatus === 'paused' && stream.resume() }, () => {})
    }
  })
  stream.addEventListener('end', () => { stream.close().catch(() => {}) })
  stream.addEventListener('close', event => { resetsSeen += event.error == null ? 0 : 1 })
}, options)

await node.handle(STALL, stream => {
  stream.pause()
  stalled.push(stream)
}, options)

await node.handle(RESET, stream => {
  stream.addEventListener('message', () => { stream.abort(new Error('as asked')) })
}, options)

function onlyConnection () {
  const connections = node.getConnections()
  if (connections.length !== 1) {
    throw new Error(`${connections.length} connections`)
  }
  return connections[0]
}

async function echo (bytes) {
  const stream = await onlyConnection().newStream(ECHO, options)
  const data = randomBytes(bytes)
  const received = collect(stream)
  await sendAll(stream, data)
  return digest(await received) === digest([data])
}

const actions = {
  async info () {
    return {
      peerId: node.peerId.toString(),
      addresses: node.getMultiaddrs().map(address => address.toString()),
      protocols: node.getProtocols()
    }
  },
  async dial ({ address }) {
    const connection = await node.dial(multiaddr(address), { signal: AbortSignal.timeout(10000) })
    return { peerId: connection.remotePeer.toString() }
  },
  async identified () {
    const peer = await node.peerStore.get(onlyConnection().remotePeer)
    return {
      protocols: peer.protocols,
      addresses: peer.addresses.map(address => address.multiaddr.toString()),
      agent: new TextDecoder().decode(peer.metadata.get('AgentVersion') ?? new Uint8Array(0))
    }
  },
  async identify () {
    const result = await node.services.identify.identify(onlyConnection())
    return {
      protocols: result.protocols,
      agent: result.agentVersion,
      observed: result.observedAddr?.toString(),
      listen: result.listenAddrs.map(address => address.toString())
    }
  },
  async push ({ protocol }) {
    await node.handle(protocol, stream => { stream.abort(new Error('not served')) })
    await node.services.identifyPush.push()
    return {}
  },
  async ping () {
    return { milliseconds: await node.services.ping.ping(onlyConnection().remotePeer) }
  },
  async echo ({ bytes, streams }) {
    const results = await Promise.all(Array.from({ length: streams }, () => echo(bytes)))
    return { good: results.filter(Boolean).length }
  },
  async refused ({ protocol }) {
    try {
      const stream = await onlyConnection().newStream(protocol)
      stream.abort(new Error('unexpected'))
      return { name: 'none' }
    } catch (error) {
      return { name: error.name }
    }
  },
  // Opens a stream that the other side resets as soon as it gets a byte.
  async awaitReset ({ protocol }) {
    const stream = await onlyConnection().newStream(protocol)
    const received = collect(stream)
    stream.send(new Uint8Array(10))
    try {
      await received
      return { name: 'none' }
    } catch (error) {
      return { name: error.name }
    }
  },
  async reset ({ protocol }) {
    const stream = await onlyConnection().newStream(protocol)
    stream.send(new Uint8Array(10))
    stream.abort(new Error('as asked'))
    return {}
  },
  async stalled () {
    return { count: stalled.length, buffered: stalled.map(stream => stream.readBufferLength) }
  },
  async resume () {
    const results = []
    for (const stream of stalled.splice(0)) {
      const received = collect(stream)
      stream.resume()
      results.push(digest(await received))
      await stream.close()
    }
    return { digests: results }
  },
  async counters () {
    return {
      connections: node.getConnections().length,
      streams: node.getConnections().reduce((sum, connection) => sum + connection.streams.length, 0),
      resetsSeen
    }
  },
  async hangUp () {
    await onlyConnection().close()
    return {}
  }
}

function answer (line) {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

const lines = createInterface({ input: process.stdin })
lines.on('line', line => {
  const request = JSON.parse(line)
  Promise.resolve()
    .then(() => actions[request.do](request))
    .then(ok => { answer({ id: request.id, ok }) }, error => {
      answer({ id: request.id, error: `${error.name}: ${error.message}` })
    })
})
lines.on('close', () => { process.exit(0) })
