namespace EdgeMesh.Native.Tun;

/// <summary>Numbers of linux/if_tun.h, linux/if.h and linux/sockios.h.</summary>
internal static class TunConstants
{
    public const uint TunSetPersist = 0x400454cb;
    public const uint TunSetIff = 0x400454ca;
    public const uint TunSetOffload = 0x400454d0;
    public const uint TunSetVnetHeaderSize = 0x400454d8;

    public const short IffTun = 0x0001;
    public const short IffMultiQueue = 0x0100;
    public const short IffNoPacketInformation = 0x1000;
    public const short IffVnetHeader = 0x4000;

    public const uint OffloadChecksum = 0x01;
    public const uint OffloadTso4 = 0x02;
    public const uint OffloadTso6 = 0x04;
    public const uint OffloadUso4 = 0x20;
    public const uint OffloadUso6 = 0x40;

    public const uint SiocGetFlags = 0x8913;
    public const uint SiocSetFlags = 0x8914;
    public const uint SiocSetMtu = 0x8922;
    public const uint SiocSetTransmitQueueLength = 0x8943;
    public const short IffUp = 0x1;

    public const int NameBytes = 16;
}
