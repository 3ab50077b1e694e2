/* Prints sizes, offsets and numbers of the kernel's interface as this machine's headers have them. The unit tests compare
 * the structs of EdgeMesh.Native with the committed output, and with a fresh one where a compiler and headers are there.
 *
 *   gcc -o abi abi.c && ./abi > linux-x64.txt
 *   aarch64-linux-gnu-gcc -static -o abi abi.c && qemu-aarch64 ./abi > linux-arm64.txt
 *
 * What older headers lack is left out of the output, and not compared then. Sockets and epoll are Tmds.LibC's matter.
 */
#define _GNU_SOURCE
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/if_tun.h>
#include <linux/io_uring.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <linux/time_types.h>
#include <linux/virtio_net.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define STRUCT(type) printf("struct %s %zu\n", #type, sizeof(struct type))
#define FIELD(type, field) \
    printf("field %s.%s %zu %zu\n", #type, #field, offsetof(struct type, field), sizeof(((struct type *)0)->field))
#define CONST(name) printf("const %s %llu\n", #name, (unsigned long long)(unsigned int)(name))

static void io_uring(void)
{
    STRUCT(io_uring_sqe);
    FIELD(io_uring_sqe, opcode);
    FIELD(io_uring_sqe, flags);
    FIELD(io_uring_sqe, ioprio);
    FIELD(io_uring_sqe, fd);
    FIELD(io_uring_sqe, off);
    FIELD(io_uring_sqe, addr);
    FIELD(io_uring_sqe, len);
    FIELD(io_uring_sqe, rw_flags);
    FIELD(io_uring_sqe, user_data);
    STRUCT(io_uring_cqe);
    FIELD(io_uring_cqe, user_data);
    FIELD(io_uring_cqe, res);
    FIELD(io_uring_cqe, flags);
    STRUCT(io_sqring_offsets);
    FIELD(io_sqring_offsets, head);
    FIELD(io_sqring_offsets, tail);
    FIELD(io_sqring_offsets, ring_mask);
    FIELD(io_sqring_offsets, ring_entries);
    FIELD(io_sqring_offsets, flags);
    FIELD(io_sqring_offsets, dropped);
    FIELD(io_sqring_offsets, array);
    STRUCT(io_cqring_offsets);
    FIELD(io_cqring_offsets, head);
    FIELD(io_cqring_offsets, tail);
    FIELD(io_cqring_offsets, ring_mask);
    FIELD(io_cqring_offsets, ring_entries);
    FIELD(io_cqring_offsets, overflow);
    FIELD(io_cqring_offsets, cqes);
    FIELD(io_cqring_offsets, flags);
    STRUCT(io_uring_params);
    FIELD(io_uring_params, sq_entries);
    FIELD(io_uring_params, cq_entries);
    FIELD(io_uring_params, flags);
    FIELD(io_uring_params, features);
    FIELD(io_uring_params, sq_off);
    FIELD(io_uring_params, cq_off);
    STRUCT(io_uring_getevents_arg);
    FIELD(io_uring_getevents_arg, sigmask);
    FIELD(io_uring_getevents_arg, sigmask_sz);
    FIELD(io_uring_getevents_arg, ts);
    STRUCT(io_uring_probe);
    STRUCT(io_uring_probe_op);
    FIELD(io_uring_probe_op, op);
    FIELD(io_uring_probe_op, flags);
    STRUCT(__kernel_timespec);
    FIELD(__kernel_timespec, tv_sec);
    FIELD(__kernel_timespec, tv_nsec);
    CONST(__NR_io_uring_enter);
    CONST(IORING_SETUP_CLAMP);
#ifdef IORING_SETUP_SUBMIT_ALL
    CONST(IORING_SETUP_SUBMIT_ALL);
#endif
#ifdef IORING_SETUP_COOP_TASKRUN
    CONST(IORING_SETUP_COOP_TASKRUN);
#endif
#ifdef IORING_SETUP_SINGLE_ISSUER
    CONST(IORING_SETUP_SINGLE_ISSUER);
#endif
#ifdef IORING_SETUP_DEFER_TASKRUN
    CONST(IORING_SETUP_DEFER_TASKRUN);
#endif
#ifdef IORING_SETUP_NO_SQARRAY
    CONST(IORING_SETUP_NO_SQARRAY);
#endif
    CONST(IORING_FEAT_SINGLE_MMAP);
    CONST(IORING_FEAT_NODROP);
    CONST(IORING_FEAT_EXT_ARG);
    CONST(IORING_ENTER_GETEVENTS);
    CONST(IORING_ENTER_EXT_ARG);
    CONST(IORING_OFF_SQ_RING);
    CONST(IORING_OFF_CQ_RING);
    CONST(IORING_OFF_SQES);
    CONST(IORING_REGISTER_PROBE);
    CONST(IO_URING_OP_SUPPORTED);
    CONST(IORING_OP_WRITEV);
    CONST(IORING_OP_POLL_ADD);
    CONST(IORING_OP_TIMEOUT);
    CONST(IORING_OP_ACCEPT);
    CONST(IORING_OP_ASYNC_CANCEL);
    CONST(IORING_OP_CONNECT);
    CONST(IORING_OP_READ);
    CONST(IORING_OP_WRITE);
    CONST(IORING_OP_SEND);
    CONST(IORING_OP_RECV);
#ifdef IORING_ACCEPT_MULTISHOT
    CONST(IORING_OP_SOCKET);
    CONST(IORING_ACCEPT_MULTISHOT);
#endif
    CONST(IORING_CQE_F_MORE);
    CONST(IORING_SQ_CQ_OVERFLOW);
    CONST(RWF_NOWAIT);
}

static void tun(void)
{
    STRUCT(ifreq);
    FIELD(ifreq, ifr_name);
    FIELD(ifreq, ifr_flags);
    FIELD(ifreq, ifr_mtu);
    STRUCT(virtio_net_hdr);
    FIELD(virtio_net_hdr, flags);
    FIELD(virtio_net_hdr, gso_type);
    FIELD(virtio_net_hdr, hdr_len);
    FIELD(virtio_net_hdr, gso_size);
    FIELD(virtio_net_hdr, csum_start);
    FIELD(virtio_net_hdr, csum_offset);
    CONST(VIRTIO_NET_HDR_F_NEEDS_CSUM);
    CONST(VIRTIO_NET_HDR_GSO_TCPV4);
    CONST(VIRTIO_NET_HDR_GSO_TCPV6);
#ifdef VIRTIO_NET_HDR_GSO_UDP_L4
    CONST(VIRTIO_NET_HDR_GSO_UDP_L4);
#endif
    CONST(TUNSETIFF);
    CONST(TUNSETPERSIST);
    CONST(TUNSETOFFLOAD);
    CONST(TUNSETVNETHDRSZ);
    CONST(IFF_TUN);
    CONST(IFF_NO_PI);
    CONST(IFF_MULTI_QUEUE);
    CONST(IFF_VNET_HDR);
    CONST(IFF_UP);
    CONST(IFNAMSIZ);
    CONST(TUN_F_CSUM);
    CONST(TUN_F_TSO4);
    CONST(TUN_F_TSO6);
#ifdef TUN_F_USO4
    CONST(TUN_F_USO4);
    CONST(TUN_F_USO6);
#endif
    CONST(SIOCGIFFLAGS);
    CONST(SIOCSIFFLAGS);
    CONST(SIOCSIFMTU);
    CONST(SIOCSIFTXQLEN);
}

static void sockets(void)
{
    STRUCT(iovec);
    FIELD(iovec, iov_base);
    FIELD(iovec, iov_len);
    STRUCT(sockaddr_in);
    FIELD(sockaddr_in, sin_family);
    FIELD(sockaddr_in, sin_port);
    FIELD(sockaddr_in, sin_addr);
    STRUCT(sockaddr_in6);
    FIELD(sockaddr_in6, sin6_port);
    FIELD(sockaddr_in6, sin6_addr);
    FIELD(sockaddr_in6, sin6_scope_id);
    CONST(AF_INET);
    CONST(AF_INET6);
    CONST(TCP_KEEPIDLE);
    CONST(TCP_KEEPINTVL);
    CONST(TCP_KEEPCNT);
    CONST(TCP_USER_TIMEOUT);
    CONST(TCP_NOTSENT_LOWAT);
    CONST(TCP_INFO);
    FIELD(tcp_info, tcpi_last_data_recv);
    FIELD(tcp_info, tcpi_last_ack_recv);
    FIELD(tcp_info, tcpi_min_rtt);
    CONST(TCP_CONGESTION);
    CONST(CLONE_NEWNET);
}

static void netlink(void)
{
    STRUCT(nlmsghdr);
    FIELD(nlmsghdr, nlmsg_len);
    FIELD(nlmsghdr, nlmsg_type);
    FIELD(nlmsghdr, nlmsg_flags);
    FIELD(nlmsghdr, nlmsg_seq);
    FIELD(nlmsghdr, nlmsg_pid);
    STRUCT(nlattr);
    FIELD(nlattr, nla_len);
    FIELD(nlattr, nla_type);
    STRUCT(ifinfomsg);
    FIELD(ifinfomsg, ifi_family);
    FIELD(ifinfomsg, ifi_type);
    FIELD(ifinfomsg, ifi_index);
    FIELD(ifinfomsg, ifi_flags);
    FIELD(ifinfomsg, ifi_change);
    STRUCT(ifaddrmsg);
    FIELD(ifaddrmsg, ifa_family);
    FIELD(ifaddrmsg, ifa_prefixlen);
    FIELD(ifaddrmsg, ifa_flags);
    FIELD(ifaddrmsg, ifa_scope);
    FIELD(ifaddrmsg, ifa_index);
    STRUCT(rtmsg);
    FIELD(rtmsg, rtm_family);
    FIELD(rtmsg, rtm_dst_len);
    FIELD(rtmsg, rtm_src_len);
    FIELD(rtmsg, rtm_tos);
    FIELD(rtmsg, rtm_table);
    FIELD(rtmsg, rtm_protocol);
    FIELD(rtmsg, rtm_scope);
    FIELD(rtmsg, rtm_type);
    FIELD(rtmsg, rtm_flags);
    CONST(IFLA_STATS64);
    FIELD(rtnl_link_stats64, tx_dropped);
    CONST(IFLA_AF_SPEC);
    CONST(IFLA_INFO_DATA);
    CONST(IFLA_TUN_NUM_QUEUES);
    CONST(IFLA_TUN_NUM_DISABLED_QUEUES);
    CONST(IFLA_INET6_ADDR_GEN_MODE);
    CONST(IN6_ADDR_GEN_MODE_NONE);
    CONST(IFF_MULTICAST);
}

static void errors(void)
{
    CONST(EPERM);
    CONST(ENOENT);
    CONST(ESRCH);
    CONST(EINTR);
    CONST(EIO);
    CONST(E2BIG);
    CONST(EBADF);
    CONST(EAGAIN);
    CONST(ENOMEM);
    CONST(EACCES);
    CONST(EFAULT);
    CONST(EBUSY);
    CONST(EEXIST);
    CONST(ENODEV);
    CONST(EINVAL);
    CONST(ENFILE);
    CONST(EMFILE);
    CONST(ENOSPC);
    CONST(EPIPE);
    CONST(ENOSYS);
    CONST(ETIME);
    CONST(EPROTO);
    CONST(EBADFD);
    CONST(EOPNOTSUPP);
    CONST(EAFNOSUPPORT);
    CONST(EADDRINUSE);
    CONST(EADDRNOTAVAIL);
    CONST(ENETDOWN);
    CONST(ENETUNREACH);
    CONST(ECONNABORTED);
    CONST(ECONNRESET);
    CONST(ENOBUFS);
    CONST(ENOTCONN);
    CONST(ESHUTDOWN);
    CONST(ETIMEDOUT);
    CONST(ECONNREFUSED);
    CONST(EHOSTUNREACH);
    CONST(EINPROGRESS);
    CONST(ECANCELED);
}

int main(void)
{
    io_uring();
    tun();
    sockets();
    netlink();
    errors();
    return 0;
}
